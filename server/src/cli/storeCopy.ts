import { resolve } from "node:path";
import { ServerError } from "../error.js";
import type { JobCommand } from "./jobCommands.js";
import { runJob } from "./watchJob.js";

/** How `store copy` was called: `--from`, `--to`, and who we are to an InfluxDB that either names by its URL. */
export interface CopyOptions {
  from?: string | undefined;
  to?: string | undefined;
  restart?: boolean | undefined;
  influx: {
    token?: string | undefined;
    username?: string | undefined;
    password?: string | undefined;
    org?: string | undefined;
    database?: string | undefined;
  };
}

/** `store copy --from SIDE --to SIDE`: has the server copy raw samples between DuckDB and InfluxDB, and waits for its end. */
export async function storeCopyCommand(command: JobCommand, options: CopyOptions): Promise<void> {
  const { from, to, restart = false, influx } = options;
  if (from === undefined || to === undefined)
    throw new ServerError(
      "badRequest",
      "say with --from and --to what is copied where: duckdb, duckdb:FOLDER, influxdb or influxdb:URL",
    );
  const params = { from: sideFrom(from, "--from", influx), to: sideFrom(to, "--to", influx), restart };
  const { said } = await runJob(command.api, "copy", params, command);
  for (const line of said) command.out(line);
}

/** What a word such as `duckdb:/var/lib/hashwatt` asks for; without a place it is that of the running server's config. */
function sideFrom(word: string, option: string, influx: CopyOptions["influx"]): object {
  const [, kind, place] = /^(duckdb|influxdb)(?::(.+))?$/.exec(word) ?? [];
  if (kind === "duckdb") return { kind, ...(place !== undefined && { path: resolve(place) }) };
  if (kind === "influxdb") {
    if (place === undefined) return { kind };
    const told = Object.entries(influx).filter(([, value]) => value !== undefined);
    return { kind, influx: { url: place, ...Object.fromEntries(told) } };
  }
  throw new ServerError(
    "badRequest",
    `${option}: "${word}" is none of duckdb, duckdb:FOLDER, influxdb and influxdb:http://127.0.0.1:8086`,
  );
}
