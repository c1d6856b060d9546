#!/usr/bin/env node
import { askZonesOf } from "@hashwatt/protocol/zone";
import { frugalAllocator } from "./config/allocator.js";
import { zoneFiles } from "./config/zoneFiles.js";
import { HeapPolicy } from "./heapPolicy.js";

HeapPolicy.small();
frugalAllocator();
askZonesOf(zoneFiles());
// State, exports and backups hold what proves passwords: what the server writes is its own user's, whatever the shell says.
process.umask(0o077);
const { main } = await import("./cli.js");
await main(process.argv.slice(2));
