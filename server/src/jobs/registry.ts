import { backup } from "./backup.js";
import type { JobKind } from "./job.js";

/** Every kind of job. */
export const JOB_KINDS: readonly JobKind[] = [backup];
