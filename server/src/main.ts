#!/usr/bin/env node
import { HeapPolicy } from "./heapPolicy.js";

HeapPolicy.small();
const { main } = await import("./cli.js");
await main(process.argv.slice(2));
