import { ServerError } from "../../error.js";
import type { InfluxClient } from "./client.js";
import { hoursOf, keepsOther, missing, type Provisioned, type WantedDatabase } from "./wanted.js";

const UNIT_MS = { h: 3_600_000, m: 60_000, s: 1_000 };

/** A retention as InfluxDB 1.x shows it, e.g. `168h0m0s`; `0s` is for ever. */
function shownMs(duration: string): number {
  let ms = 0;
  for (const [, count, unit] of duration.matchAll(/(\d+)([hms])/g))
    ms += Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return ms === 0 ? Number.POSITIVE_INFINITY : ms;
}

const durationOf = (keepMs: number): string => (Number.isFinite(keepMs) ? `${hoursOf(keepMs)}h` : "INF");

/** InfluxDB 1.x: databases with one retention policy, by statements. Sentences and errors as of `provision`. */
export async function provision1(
  client: InfluxClient,
  wanted: readonly WantedDatabase[],
  absent: (name: string) => void,
): Promise<Provisioned> {
  const notes: string[] = [];
  const keepMs = new Map<string, number>();
  for (const database of wanted) {
    const { name, keepMs: wantedMs } = database;
    const policy = await policyOf(client, name);
    keepMs.set(name, wantedMs);
    if (policy === undefined) {
      absent(name);
      await create(client, database);
      continue;
    }
    if (policy.keepMs === wantedMs || (policy.keepMs < wantedMs && (await alter(client, database, policy))))
      continue;
    keepMs.set(name, policy.keepMs);
    const how = alteration(database, policy);
    notes.push(keepsOther("database", name, { heldMs: policy.keepMs, wantedMs, how }));
  }
  return { notes, keepMs };
}

const alteration = ({ name, keepMs }: WantedDatabase, policy: { name: string }): string =>
  `ALTER RETENTION POLICY "${policy.name}" ON "${name}" DURATION ${durationOf(keepMs)}`;

/** The default policy of a database; undefined when there is no such database. */
async function policyOf(
  client: InfluxClient,
  name: string,
): Promise<{ name: string; keepMs: number } | undefined> {
  try {
    const [series] = await client.query(name, `SHOW RETENTION POLICIES ON "${name}"`);
    const at = (column: string) => series?.columns.indexOf(column) ?? -1;
    const row = series?.values.find((values) => values[at("default")] === true);
    return {
      name: String(row?.[at("name")] ?? "autogen"),
      keepMs: shownMs(String(row?.[at("duration")] ?? "0s")),
    };
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    if (error.code === "storeMissing") return undefined;
    if (error.code !== "storeDenied") throw error;
    throw new ServerError(
      "storeDenied",
      `${error.message}; if there is no database "${name}", create it and give the user all privileges on it`,
      { cause: error, retryable: true },
    );
  }
}

async function create(client: InfluxClient, database: WantedDatabase): Promise<void> {
  const { name, keepMs } = database;
  if (!client.config.create) throw missing(client, "database", database);
  try {
    await client.query("", `CREATE DATABASE "${name}" WITH DURATION ${durationOf(keepMs)}`);
  } catch (error) {
    if (!(error instanceof ServerError) || error.code !== "storeDenied") throw error;
    throw missing(client, "database", database, "a user with all privileges may");
  }
}

/** Whether the database now keeps its points so long. */
async function alter(
  client: InfluxClient,
  database: WantedDatabase,
  policy: { name: string },
): Promise<boolean> {
  if (!client.config.create) return false;
  try {
    await client.query("", alteration(database, policy));
    return true;
  } catch (error) {
    if (error instanceof ServerError && error.code === "storeDenied") return false;
    throw error;
  }
}
