import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { ServerError } from "../error.js";
import { stamp } from "../store/duck/aside.js";
import { jobKind } from "./job.js";

const params = z.strictObject({
  /** A folder, in which the backup gets a folder with its date; or a file that ends in `.tar` and does not exist yet. */
  out: z.string().min(1).max(1_000).refine(isAbsolute, "must be an absolute path on the server's machine"),
});

/** Copies state and raw samples as they stand at one instant, while ingest goes on. */
export const backup = jobKind<z.infer<typeof params>>({
  kind: "backup",
  summary:
    "Writes a consistent copy of everything the server holds to a folder or a .tar file of its machine",
  params,
  unit: "rows",
  shown: ({ out }) => ({ out }),
  async check({ out }, { config }) {
    if (config.store.kind === "memory")
      throw new ServerError(
        "badRequest",
        "this server keeps its data in memory only: there is nothing to back up",
      );
    if (out.endsWith(".tar") && existsSync(out))
      throw new ServerError("badRequest", `out: ${out} exists already; name another file`);
  },
  async run({ out }, { telemetry, state, betweenCommits, version, clock }, { signal, progress }) {
    const { makeBackup } = await import("../store/backup/makeBackup.js");
    const nowMs = clock.nowMs();
    const path = out.endsWith(".tar") ? out : join(out, `hashwatt-${stamp(nowMs)}`);
    const order = { telemetry, state, betweenCommits, path, version, nowMs, signal, progress };
    const { bytes, samples } = await makeBackup(order).catch((cause) => {
      throw aboutPath(cause, out);
    });
    const size = `${(bytes / 1e6).toFixed(1)} MB`;
    if (samples !== undefined)
      return [`backup of ${samples} raw samples and the state is at ${path} (${size})`];
    return [`backup of the state is at ${path} (${size})`, ELSEWHERE];
  },
});

/** What is said where the raw samples are no files of ours. */
const ELSEWHERE =
  "the raw samples are kept by InfluxDB: back its database up now, after the state, by InfluxDB's own means (1.x: influxd backup -portable -db NAME DIR; 2.x: influx backup --bucket NAME DIR; 3: copy its object store); the databases of rollups are filled again from the state";

/** Names the place where the system refused to write. */
function aboutPath(cause: unknown, out: string): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (cause instanceof ServerError || code === undefined || !/^E[A-Z]+$/.test(code)) return cause;
  return new ServerError("badRequest", `out: ${out} cannot be written (${code})`, { cause });
}
