import { ServerError } from "../../error.js";
import type { InfluxClient } from "./client.js";
import { failure, saidIn } from "./failure.js";
import { hoursOf, isDenied, json, missing, type Provisioned, type WantedDatabase } from "./wanted.js";

/**
 * InfluxDB 3: databases by its own interface. Their retention is set when they are made and not told afterwards, so that one
 * which is there stays as it is. Sentences and errors as of `provision`.
 */
export async function provision3(
  client: InfluxClient,
  wanted: readonly WantedDatabase[],
  absent: (name: string) => void,
): Promise<Provisioned> {
  const listed = await names(client);
  for (const database of wanted) {
    if (listed?.has(database.name) ?? (await isThere(client, database.name))) continue;
    absent(database.name);
    await create(client, database);
  }
  return { notes: [], keepMs: new Map() };
}

/** The databases; undefined where only an administrator's token may list them. */
async function names(client: InfluxClient): Promise<Set<string> | undefined> {
  const path = "/api/v3/configure/database?format=json";
  try {
    const rows = await json<Record<string, string>[]>(client, path);
    return new Set(rows.map((row) => row["iox::database"] ?? ""));
  } catch (error) {
    if (error instanceof ServerError && error.code === "storeDenied") return undefined;
    throw error;
  }
}

async function isThere(client: InfluxClient, name: string): Promise<boolean> {
  try {
    await client.query(name, "SHOW MEASUREMENTS");
    return true;
  } catch (error) {
    if (error instanceof ServerError && error.code === "storeMissing") return false;
    throw error;
  }
}

/** Made before anything is written: a write would make it too, and keep everything for ever. */
async function create(client: InfluxClient, database: WantedDatabase): Promise<void> {
  const { name, keepMs } = database;
  if (!client.config.create) throw missing(client, "database", database);
  const answer = await client.request({
    method: "POST",
    path: "/api/v3/configure/database",
    json: { db: name, ...(Number.isFinite(keepMs) && { retention_period: `${hoursOf(keepMs)}h` }) },
  });
  if (answer.status < 300 || answer.status === 409) return;
  if (isDenied(answer.status))
    throw missing(
      client,
      "database",
      database,
      `an admin token may; ${answer.status}: ${saidIn(answer.body)}`,
    );
  throw failure({ url: client.url, what: "make", database: name }, answer.status, answer.body, true);
}
