import { resolve } from "node:path";
import { type JobView, jobViewSchema } from "@hashwatt/protocol/jobs";
import type { Clock } from "@hashwatt/protocol/time";
import { z } from "zod";
import { ServerError } from "../error.js";
import type { ApiClient } from "./apiClient.js";
import { progressLine, runJob, type Terminal } from "./watchJob.js";

/** What the commands that start or look at jobs work with. */
export interface JobCommand {
  api: ApiClient;
  clock: Clock;
  /** Progress goes here, what was done to `out`. */
  terminal: Terminal;
  out(line: string): void;
  /** Aborts when the operator ends the command: the job is cancelled. */
  signal: AbortSignal;
}

/** `backup --out PATH`: has the server write a backup, and waits for its end. */
export async function backupCommand(command: JobCommand, out: string | undefined): Promise<void> {
  if (out === undefined)
    throw new ServerError("badRequest", "say with --out where to: a folder, or a file that ends in .tar");
  const { said } = await runJob(command.api, "backup", { out: resolve(out) }, command);
  for (const line of said) command.out(line);
}

/** `jobs`, `jobs cancel ID`: shows the server's long work, or ends one. */
export async function jobsCommand({ api, clock, out }: JobCommand, words: readonly string[]): Promise<void> {
  const [verb, id] = words;
  if (verb === undefined) {
    const jobs = await api.ask("GET", "/api/jobs", z.array(jobViewSchema));
    for (const job of jobs) out(jobLine(job, clock.nowMs()));
    if (!jobs.length) out("no job has run");
    return;
  }
  if (verb !== "cancel" || id === undefined)
    throw new ServerError("badRequest", `say "jobs" to see them, or "jobs cancel ID"`);
  out(jobLine(await api.ask("DELETE", `/api/jobs/${encodeURIComponent(id)}`, jobViewSchema), clock.nowMs()));
}

function jobLine(job: JobView, nowMs: number): string {
  if (job.state === "running") return progressLine(job, nowMs);
  const ended = job.endedMs === null ? "" : ` ${new Date(job.endedMs).toISOString()}`;
  return `${job.id}: ${job.state}${ended}: ${job.error ?? job.said.join("; ")}`;
}
