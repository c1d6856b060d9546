import { antminer } from "./antminer.js";
import type { Dialect } from "./dialect.js";
import { whatsminer } from "./whatsminer.js";

/**
 * Every dialect the agent speaks, one line each. Order decides only what is asked first while a rig is unknown: exactly one
 * dialect may claim a rig, and what bears the mark of a foreign firmware is claimed by none of the stock ones.
 */
export const dialects: readonly Dialect[] = [
  antminer, // names itself in `version` or `stats`
  whatsminer, // often silent on `version`; known by its `summary`
];
