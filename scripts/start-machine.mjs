// What `npm start` asks of the machine: ports, folders, processes.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";

/** Makes a folder and those above it, one by one: the recursive call never returns below /proc and its like. */
export function makeFolder(path) {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

/** Whether a port can be listened on; the reason when not. */
export function tryPort(port, host = "127.0.0.1") {
  return new Promise((done) => {
    const probe = createServer();
    probe.once("error", (error) => done(error.code ?? String(error)));
    probe.listen({ port, host, exclusive: true }, () => {
      const { port: got } = probe.address();
      probe.close(() => done(got));
    });
  });
}

/** `wanted` if it is free, else one that the system gives. */
export async function portNear(wanted, host) {
  const got = await tryPort(wanted, host);
  return typeof got === "number" ? got : await tryPort(0, host);
}

/** Whether a process of that number is a start script; a number that another program got since does not count. */
export function isStart(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== "EPERM") return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("start.mjs");
  } catch {
    return !existsSync("/proc/self");
  }
}
