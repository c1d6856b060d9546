#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";

// Nearly all that an answer leaves behind is garbage at once, so a small nursery costs no time and saves tens of megabytes; it grows
// while modules load and does not shrink.
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--heap-growing-percent=20");
const { main } = await import("./cli.js");
await main(process.argv.slice(2));
