// `node --import "…/resources.mjs?file=F" program`: a line of JSON into F every 5 s of real time on what the program holds:
// memory of V8 and what keeps its loop alive (timers, sockets, …) by kind. To be imported before a clock that runs fast.
import { appendFileSync } from "node:fs";

const EVERY_MS = 5_000;
const file = new URL(import.meta.url).searchParams.get("file");
if (!file) throw new TypeError("resources.mjs wants a file");

setInterval(() => {
  const resources = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  appendFileSync(
    file,
    `${JSON.stringify({ realMs: Date.now(), heapUsed, external, arrayBuffers, resources })}\n`,
  );
}, EVERY_MS).unref();
