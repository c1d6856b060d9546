// Loaded into a server before it starts (`--import`): says five times a second how long its event loop stood at worst since,
// by the clock and by the CPU time of its thread, which others on the machine do not add to.
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 2;
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delays.enable();

/** ns that the main thread has run. */
const ran = () =>
  Number(readFileSync("/proc/self/task/".concat(process.pid, "/schedstat"), "latin1").split(" ", 1)[0]);
let before = ran();
let most = 0;
setInterval(() => {
  const now = ran();
  most = Math.max(most, now - before);
  before = now;
}, RESOLUTION_MS).unref();
setInterval(() => {
  const late = Math.max(0, delays.max / 1e6 - RESOLUTION_MS);
  process.stdout.write(`loop ${late.toFixed(1)} ${(most / 1e6).toFixed(1)}\n`);
  delays.reset();
  most = 0;
}, 200).unref();
