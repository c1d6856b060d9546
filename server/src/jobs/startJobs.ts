import type { CommitQueue } from "../intake/commitQueue.js";
import type { JobParts } from "./job.js";
import { Jobs, sayEnd } from "./jobs.js";
import { JOB_KINDS } from "./registry.js";

/** Makes a running server's jobs ready; each one's end is an event. */
export async function startJobs(
  parts: Omit<JobParts, "betweenCommits"> & { queue: CommitQueue },
): Promise<Jobs> {
  const { queue, clock, log } = parts;
  const jobs = new Jobs(
    JOB_KINDS,
    {
      ...parts,
      betweenCommits: (work) => queue.between(work),
      log: log.child({ part: "jobs" }),
    },
    (job) => queue.event({ atMs: clock.nowMs(), kind: "job", text: sayEnd(job) }),
  );
  await jobs.load();
  return jobs;
}
