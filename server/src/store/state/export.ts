import { existsSync } from "node:fs";
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { z } from "zod";
import { ServerError } from "../../error.js";
import { putInPlace } from "../backup/putInPlace.js";
import { stamp } from "../duck/aside.js";
import { migrate, newestVersion, STATE_MIGRATIONS } from "../duck/migrations.js";
import type { Session } from "../duck/session.js";
import { checkFiles, checksumOf, isByMonth, MONTHLY, monthsOf, tableOf } from "./exportMonths.js";
import { keepKeysApart } from "./keysApart.js";
import { quoted } from "./sqlText.js";

/**
 * What an export says of itself: `months` maps a file of a table that is kept by the month to the fingerprint of its rows, and `files`
 * every file to the checksum of its bytes. An export of an earlier version has no `files`.
 */
const manifestSchema = z.object({
  format: z.literal(1),
  schema: z.int(),
  tables: z.array(z.string()),
  months: z.record(z.string(), z.string()),
  files: z.record(z.string(), z.string()).optional(),
});
type Manifest = z.infer<typeof manifestSchema>;

const MANIFEST = "manifest.json";
/** Tables that would be wrong by the time they are restored. */
const LEFT_OUT = new Set(["schema_version", "streams", "touched"]);
/**
 * Settings that are true only of the time of the copy: jobs that ran, sessions that may have been logged out since, and what
 * was yet to be mirrored, for the rows that come back may differ from those mirrored since.
 */
const OF_ITS_TIME = ["jobs", "access/sessions", "influx.mirror"];
/** Rows that are held until they are packed: 6 MB of 35 columns, a sixth of what DuckDB would take, for a file that is 7 % larger. */
const ROWS = 20_480;
/** Rows go out as they lie, which is by time but for what was written anew. Sorting a month of them takes more memory than there is. */
const PARQUET = `(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROWS})`;

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(folder, MANIFEST), "utf8")));
  } catch {
    // No manifest, or a damaged one: this folder is no whole export.
    return undefined;
  }
}

/** Whole exports under `exports/` of a data folder, newest first. */
export async function listExports(dataDir: string): Promise<string[]> {
  const root = join(dataDir, "exports");
  const names = existsSync(root) ? await readdir(root) : [];
  const found: string[] = [];
  for (const name of names
    .filter((each) => /^state-\d{8}$/.test(each))
    .sort()
    .reverse())
    if (await readManifest(join(root, name))) found.push(join(root, name));
  return found;
}

/**
 * Writes a consistent copy of the state to `folder` and returns it. A month of 5-minute rows or of the ledger that is the same as in the
 * newest sibling is linked to that one's file, so that seven nights cost little more than one. A copy that is cut short
 * leaves nothing under that name. `snapshot` is called when what is copied stands.
 */
export async function exportState(
  session: Session,
  folder: string,
  snapshot: () => void = () => undefined,
): Promise<string> {
  const building = `${folder}.part`;
  await rm(building, { recursive: true, force: true });
  await mkdir(building, { recursive: true });
  const sibling = await newestSibling(folder);
  try {
    await session.transaction(async (connection) => {
      const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects();
      // The first read decides what the transaction sees.
      await rows("SELECT version FROM schema_version");
      snapshot();
      const names = (await rows("SELECT table_name FROM duckdb_tables() WHERE NOT temporary")).map((row) =>
        String(row.table_name),
      );
      const tables = names.filter((name) => !LEFT_OUT.has(name) && !isByMonth(name)).sort();
      const files: Record<string, string> = {};
      for (const name of tables) {
        const file = `${name}.parquet`;
        await connection.run(`COPY ${name} TO ${quoted(join(building, file))} ${PARQUET}`);
        files[file] = await checksumOf(join(building, file));
      }
      const months: Record<string, string> = {};
      for (const table of MONTHLY.filter((each) => names.includes(each)))
        for (const { name, mark, rowsSql } of await monthsOf(table, rows)) {
          months[name] = mark;
          const to = join(building, name);
          const same = sibling?.manifest.months[name] === mark ? sibling : undefined;
          const checksum = same?.manifest.files?.[name];
          // The bytes that were written that night are linked, and so is their checksum: one that was damaged since is told by it.
          if (same && checksum !== undefined && (await linked(join(same.folder, name), to)))
            files[name] = checksum;
          else {
            await connection.run(`COPY (${rowsSql}) TO ${quoted(to)} ${PARQUET}`);
            files[name] = await checksumOf(to);
          }
        }
      const manifest: Manifest = {
        format: 1,
        schema: newestVersion(STATE_MIGRATIONS),
        tables,
        months,
        files,
      };
      await writeFile(join(building, MANIFEST), JSON.stringify(manifest, null, 2));
    });
    await rm(folder, { recursive: true, force: true });
    await rename(building, folder);
    return folder;
  } catch (cause) {
    await rm(building, { recursive: true, force: true });
    throw cause;
  }
}

/** Whether the file is there now under both names; a file system without links says no. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch {
    return false;
  }
}

async function newestSibling(folder: string): Promise<{ folder: string; manifest: Manifest } | undefined> {
  const root = dirname(folder);
  const names = existsSync(root) ? await readdir(root) : [];
  for (const name of names
    .filter((each) => /^state-\d{8}$/.test(each))
    .sort()
    .reverse()) {
    const manifest = await readManifest(join(root, name));
    if (manifest) return { folder: join(root, name), manifest };
  }
  return undefined;
}

/** Where the export of a day (UTC) lies in a data folder. */
export const exportOfDay = (dataDir: string, nowMs: number): string =>
  join(dataDir, "exports", `state-${stamp(nowMs).slice(0, 8)}`);

/** Writes tonight's export under the data folder and drops all but the newest `keep`; returns its path. */
export async function nightlyExport(
  state: { exportTo(folder: string): Promise<string> },
  { dataDir, nowMs, keep = 7 }: { dataDir: string; nowMs: number; keep?: number },
): Promise<string> {
  const path = await state.exportTo(exportOfDay(dataDir, nowMs));
  for (const old of (await listExports(dataDir)).slice(keep)) await rm(old, { recursive: true, force: true });
  return path;
}

/**
 * Builds `hashwatt.duckdb` from an export. The present file, readable or not, is set aside. Run it only when no server
 * runs: `openStores` and this take the same lock. Returns sentences of what was done. Throws ServerError `restoreFailed`.
 */
export async function restoreFile(path: string, exportPath: string, nowMs: number): Promise<string[]> {
  const building = await buildState(path, exportPath, { apart: true });
  const aside = await putInPlace([{ building, path, what: "state file" }], nowMs);
  return [`state restored from ${exportPath}`, ...aside];
}

/**
 * Builds a state file from an export, beside its place, and returns its path. `apart`: the raw samples that it will stand
 * beside may be younger. Throws ServerError `restoreFailed`.
 */
export async function buildState(
  path: string,
  exportPath: string,
  { apart }: { apart: boolean },
): Promise<string> {
  const manifest = await readManifest(exportPath);
  if (!manifest)
    throw new ServerError(
      "restoreFailed",
      `${exportPath} is no whole export: it has no readable ${MANIFEST}`,
    );
  if (manifest.schema > newestVersion(STATE_MIGRATIONS))
    throw new ServerError(
      "restoreFailed",
      `${exportPath} was made by a newer version (schema ${manifest.schema}): update Hashwatt first`,
    );
  await checkFiles(exportPath, manifest.files ?? {});
  const building = `${path}.restoring`;
  for (const each of [building, `${building}.wal`]) await rm(each, { force: true });
  const instance = await DuckDBInstance.create(building, {
    autoinstall_known_extensions: "false",
    threads: "1",
  });
  try {
    const connection = await instance.connect();
    const upTo = STATE_MIGRATIONS.filter(({ version }) => version <= manifest.schema);
    await migrate(connection, building, upTo);
    const load = (table: string, file: string) =>
      connection.run(
        `INSERT INTO ${table} BY NAME SELECT * FROM read_parquet(${quoted(join(exportPath, file))})`,
      );
    for (const table of manifest.tables) {
      if (!/^[a-z0-9_]+$/.test(table)) throw new RangeError(`"${table}" is no table`);
      await load(table, `${table}.parquet`);
    }
    for (const file of Object.keys(manifest.months).sort()) await load(tableOf(file), basename(file));
    await migrate(connection, building, STATE_MIGRATIONS);
    await connection.run(`DELETE FROM settings WHERE key IN (${OF_ITS_TIME.map(quoted).join(", ")})`);
    if (apart) await keepKeysApart(connection);
    await connection.run("CHECKPOINT");
    connection.disconnectSync();
  } catch (cause) {
    instance.closeSync();
    for (const each of [building, `${building}.wal`]) await rm(each, { force: true });
    const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new ServerError("restoreFailed", `${exportPath} cannot be restored: ${why}`, { cause });
  }
  instance.closeSync();
  return building;
}
