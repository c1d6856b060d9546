import { ServerError } from "../../error.js";
import type { InfluxClient } from "./client.js";
import { failure } from "./failure.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A database that must be there. */
export interface WantedDatabase {
  name: string;
  /** How long it keeps its points, whole hours in ms; Infinity = for ever. */
  keepMs: number;
}

/** The three databases of ours, on 2.x buckets: what is kept differs, and retention is per database. */
export interface InfluxDatabases {
  raw: WantedDatabase;
  fiveMinutes: WantedDatabase;
  hours: WantedDatabase;
}

/** What is to be known of databases that are ready. */
export interface Provisioned {
  /** Sentences about what is not as the config has it. */
  notes: string[];
  /** How long they keep their points, in ms, by name; those whose retention the InfluxDB does not tell are not in it. */
  keepMs: Map<string, number>;
}

/** The names and retention of our databases by config. */
export function databasesOf(name: string, keep: { rawDays: number; rollupDays: number }): InfluxDatabases {
  const hours = (days: number) => Math.ceil((days * DAY_MS) / HOUR_MS) * HOUR_MS;
  return {
    raw: { name, keepMs: hours(keep.rawDays) },
    fiveMinutes: { name: `${name}_5m`, keepMs: hours(keep.rollupDays) },
    hours: { name: `${name}_1h`, keepMs: Number.POSITIVE_INFINITY },
  };
}

/** How a retention is written, in hours. */
export const hoursOf = (keepMs: number): number => Math.round(keepMs / HOUR_MS);

/** A retention in words. */
export const keepText = (keepMs: number): string =>
  Number.isFinite(keepMs) ? `${Number((keepMs / DAY_MS).toFixed(2))} days` : "for ever";

/** What to say of a database whose retention stays as it is; `how` is what changes it. */
export const keepsOther = (
  kind: string,
  name: string,
  { heldMs, wantedMs, how }: { heldMs: number; wantedMs: number; how: string },
): string =>
  `InfluxDB keeps ${kind} "${name}" ${keepText(heldMs)}, and the config says ${keepText(wantedMs)}; it stays so until you change the config or the ${kind}: ${how}`;

/** The error for a database that is missing and stays so. */
export function missing(
  client: InfluxClient,
  kind: string,
  wanted: WantedDatabase,
  why?: string,
): ServerError {
  const way = `create it with a retention of ${keepText(wanted.keepMs)}`;
  const or = client.config.create ? `, or allow us to create it${why === undefined ? "" : ` (${why})`}` : "";
  return new ServerError(
    "storeMissing",
    `InfluxDB at ${client.url} has no ${kind} "${wanted.name}": ${way}${or}`,
    {
      retryable: true,
    },
  );
}

/** Whether an answer means that we may not do that. */
export const isDenied = (status: number): boolean => status === 401 || status === 403;

/** The answer to a request of the interface as JSON. Rejects where it says that the InfluxDB is at fault, or knows us not. */
export async function json<T>(client: InfluxClient, path: string): Promise<T> {
  const answer = await client.request({ method: "GET", path });
  if (answer.status >= 300)
    throw failure({ url: client.url, what: "read" }, answer.status, answer.body, true);
  try {
    return JSON.parse(answer.body) as T;
  } catch (cause) {
    throw new ServerError(
      "storeFailed",
      `what answers at ${client.url} is no InfluxDB: ${path} gives no JSON`,
      {
        cause,
        retryable: true,
      },
    );
  }
}
