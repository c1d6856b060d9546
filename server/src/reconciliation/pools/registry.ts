import { braiins } from "./braiins.js";
import { f2pool } from "./f2pool.js";
import { luxor } from "./luxor.js";
import type { PoolApi } from "./pool.js";

/** Every pool whose API is known. */
export const POOL_APIS: readonly PoolApi[] = [braiins, f2pool, luxor];
