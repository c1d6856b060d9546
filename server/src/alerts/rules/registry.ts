import { offline } from "./offline.js";
import { overheating } from "./overheating.js";
import type { Rule } from "./rule.js";
import { unprofitable } from "./unprofitable.js";

/** Every alert rule. One that inhibits others comes before them. */
export const RULES: readonly Rule[] = [offline, overheating, unprofitable];
