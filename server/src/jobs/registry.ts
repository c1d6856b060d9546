import { alertsDryRun } from "./alertsDryRun.js";
import { backup } from "./backup.js";
import { copy } from "./copy.js";
import { exportJob } from "./export.js";
import type { JobKind } from "./job.js";
import { reprice } from "./reprice.js";

/** Every kind of job. */
export const JOB_KINDS: readonly JobKind[] = [alertsDryRun, backup, copy, exportJob, reprice];
