import { type JobView, jobViewSchema } from "@hashwatt/protocol/jobs";
import { writtenOut } from "@hashwatt/protocol/plainText";
import type { Clock } from "@hashwatt/protocol/time";
import { ServerError } from "../error.js";
import type { ApiClient } from "./apiClient.js";

const ASK_MS = 500;
/** Where nothing overwrites the last line, progress is told so seldom, ms. */
const LINE_MS = 10_000;
/** A server that does not answer for so long has ended, ms. */
const AWAY_MS = 15_000;

/** Where a command shows how its work gets on. */
export interface Terminal {
  /** Whether lines can be overwritten. */
  readonly isTTY: boolean;
  write(text: string): void;
}

/**
 * Starts a job, shows its progress until it has ended, and resolves with it. Aborting `signal` cancels the job. Throws
 * ServerError when it fails or is cancelled.
 */
export async function runJob(
  api: ApiClient,
  kind: string,
  params: object,
  { clock, terminal, signal }: { clock: Clock; terminal: Terminal; signal: AbortSignal },
): Promise<JobView> {
  let job = await api.ask("POST", `/api/jobs/${kind}`, jobViewSchema, params);
  let toldMs = Number.NEGATIVE_INFINITY;
  let heardMs = clock.monoMs();
  while (job.state === "running") {
    const nowMs = clock.monoMs();
    if (terminal.isTTY) terminal.write(`\r\u001b[K${writtenOut(progressLine(job, clock.nowMs()))}`);
    else if (nowMs - toldMs >= LINE_MS) {
      terminal.write(`${writtenOut(progressLine(job, clock.nowMs()))}\n`);
      toldMs = nowMs;
    }
    const cancelled = await clock.sleep(ASK_MS, signal).then(
      () => false,
      () => true,
    );
    try {
      job = cancelled
        ? await api.ask("DELETE", `/api/jobs/${job.id}`, jobViewSchema)
        : await api.ask("GET", `/api/jobs/${job.id}`, jobViewSchema);
      heardMs = clock.monoMs();
    } catch (error) {
      const away = error instanceof ServerError && error.code === "serverUnreachable";
      if (!away || cancelled || clock.monoMs() - heardMs > AWAY_MS) throw error;
    }
  }
  if (terminal.isTTY) terminal.write("\r\u001b[K");
  if (job.state !== "done")
    throw new ServerError(
      "serverRefused",
      `${job.id} ${job.state}: ${job.error ?? "for a reason it does not say"}`,
    );
  return job;
}

/** One line about how a job gets on: `copy-2: 1,200,000 of 3,400,000 samples (35 %), done in about 4 min`. */
export function progressLine({ id, progress, etaMs }: JobView, nowMs: number): string {
  const { done, total, unit, note } = progress;
  const count = (value: number) => Math.floor(value).toLocaleString("en-US");
  const far =
    total === null || total === 0
      ? done > 0
        ? `${count(done)} ${unit}`
        : "at work"
      : `${count(done)} of ${count(total)} ${unit} (${Math.floor((100 * Math.min(done, total)) / total)} %)`;
  const left = etaMs === null ? "" : `, done in about ${duration(Math.max(0, etaMs - nowMs))}`;
  return `${id}: ${far}${note === undefined ? "" : `, ${note}`}${left}`;
}

/** A stretch of time in the one unit that fits it best. */
export function duration(ms: number): string {
  const s = Math.ceil(ms / 1_000);
  if (s < 90) return `${s} s`;
  if (s < 90 * 60) return `${Math.round(s / 60)} min`;
  return s < 48 * 3_600 ? `${(s / 3_600).toFixed(1)} h` : `${Math.round(s / 86_400)} days`;
}
