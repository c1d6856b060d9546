#!/usr/bin/env node
import { frugalAllocator } from "./config/allocator.js";
import { HeapPolicy } from "./heapPolicy.js";

HeapPolicy.small();
frugalAllocator();
// State, exports and backups hold what proves passwords: what the server writes is its own user's, whatever the shell says.
process.umask(0o077);
const { main } = await import("./cli.js");
await main(process.argv.slice(2));
