import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { Clock } from "@hashwatt/protocol/time";
import { ServerError } from "../error.js";
import type { RowFileControl } from "../store/duck/copyRows.js";
import type { StateStore } from "../store/state/state.js";
import type { TelemetryStore } from "../store/store.js";

const DAY_MS = 86_400_000;

/** What can be written to files. */
export const EXPORTS = ["rigs", "sites", "samples"] as const;
export type ExportData = (typeof EXPORTS)[number];
export const EXPORT_FORMATS = ["csv", "parquet"] as const;

/** What is to be written. */
export interface ExportOrder {
  data: ExportData;
  format: (typeof EXPORT_FORMATS)[number];
  site?: string | undefined;
  fromMs: number;
  toMs: number;
}

/** Where exports come from. */
export interface ExportParts {
  state: Pick<StateStore, "ledger">;
  telemetry: Pick<TelemetryStore, "exportSamples" | "kind">;
  /** All rigs, for the readings of one site. */
  rigs(): Iterable<{ rig: number; site: string }>;
  clock: Pick<Clock, "every">;
}

/** Throws ServerError `badRequest` where a store cannot be written to files. */
export function refuseExport({ data }: Pick<ExportOrder, "data">, { state, telemetry }: ExportParts): void {
  if (data === "samples" ? telemetry.exportSamples : state.ledger.export) return;
  throw new ServerError(
    "badRequest",
    telemetry.kind === "influxdb"
      ? "data: raw readings lie in InfluxDB, which exports them by its own means"
      : "data: this server keeps its data in memory only: there is nothing to export",
  );
}

/** Writes rows to one file and returns how many. Rejects as the store does, or with the signal's reason. */
export async function writeRows(
  parts: ExportParts,
  order: ExportOrder & { path: string; header: boolean },
  control: RowFileControl,
): Promise<number> {
  refuseExport(order, parts);
  const { data, site, ...file } = order;
  const every = (ms: number, run: () => void) => parts.clock.every(ms, run);
  if (data !== "samples")
    return parts.state.ledger.export!({ ...file, data, ...(site !== undefined && { site }) }, control, every);
  const rigs =
    site === undefined
      ? undefined
      : [...parts.rigs()].flatMap((each) => (each.site === site ? [each.rig] : []));
  return parts.telemetry.exportSamples!({ ...file, ...(rigs && { rigs }) }, control, every);
}

/**
 * Writes an export to `path`: CSV day by day, so that no more than a day is held anywhere, Parquet as one file by DuckDB itself. Returns its
 * rows; what is cut short leaves no file.
 */
export async function exportFile(
  parts: ExportParts,
  order: ExportOrder,
  path: string,
  { signal, progress }: RowFileControl,
): Promise<number> {
  const piece = `${path}.part`;
  try {
    if (order.format === "parquet")
      return await writeRows(
        parts,
        { ...order, path, header: true },
        { signal, ...(progress && { progress }) },
      );
    let rows = 0;
    const wholeMs = order.toMs - order.fromMs;
    for await (const part of csvPieces(parts, order, piece, signal)) {
      rows += part.rows;
      await pipeline(createReadStream(piece), createWriteStream(path, { flags: part.first ? "wx" : "a" }), {
        signal,
      });
      progress?.((part.toMs - order.fromMs) / wholeMs);
    }
    return rows;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    // A file of somebody else's is not ours to take away.
    if (code !== "EEXIST") await rm(path, { force: true });
    throw cause;
  } finally {
    await rm(piece, { force: true });
  }
}

/** The pieces of a CSV, each written to `path` in its turn: the header and the first day, then day by day. */
async function* csvPieces(parts: ExportParts, order: ExportOrder, path: string, signal: AbortSignal) {
  for (let fromMs = order.fromMs; fromMs < order.toMs; ) {
    const toMs = Math.min(order.toMs, (Math.floor(fromMs / DAY_MS) + 1) * DAY_MS);
    const first = fromMs === order.fromMs;
    const rows = await writeRows(parts, { ...order, fromMs, toMs, path, header: first }, { signal });
    yield { rows, first, toMs };
    fromMs = toMs;
  }
}

/** An export as a stream of bytes, made while it is read; `path` is a place for its pieces. */
export async function* exportBytes(
  parts: ExportParts,
  order: ExportOrder,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    if (order.format === "parquet") {
      await writeRows(parts, { ...order, path, header: true }, { signal });
      yield* createReadStream(path) as AsyncIterable<Buffer>;
      return;
    }
    for await (const _part of csvPieces(parts, order, path, signal))
      yield* createReadStream(path) as AsyncIterable<Buffer>;
  } finally {
    await rm(path, { force: true });
  }
}
