import type { RateImport } from "@hashwatt/protocol/rates";
import { ServerError } from "../../error.js";
import { type RateSeries, spanOf } from "../rateSeries.js";
import { seriesFamily } from "../seriesName.js";
import type { TimeRange } from "../slot.js";
import { readRateCsv } from "./rateCsv.js";

const MAX_ERRORS = 5;

/** A file of rates, as somebody gives it. */
export interface RateFile {
  csv: string;
  series?: string | undefined;
  file?: string | undefined;
  dryRun: boolean;
}

/** Infinity is no number of JSON: null. */
const ended = (ms: number): number | null => (Number.isFinite(ms) ? ms : null);

/**
 * Takes a file of rates into the series, or says what that would change. Its slots take the place of what they overlap. Throws
 * ServerError `badRequest` that names file, lines and reasons; of such a file nothing is taken.
 */
export async function importRates(
  { csv, series, file = "the file", dryRun }: RateFile,
  held: Pick<RateSeries, "putAll" | "slots" | "wouldChange">,
): Promise<RateImport> {
  const read = readRateCsv(csv, { series, source: file === "the file" ? "imported" : file });
  if ("problems" in read) {
    const told = read.problems.slice(0, MAX_ERRORS).map(({ line, message }) => `line ${line}: ${message}`);
    const more = read.problems.length - told.length;
    throw new ServerError(
      "badRequest",
      `${file}: ${told.join("; ")}${more > 0 ? `; and ${more} more` : ""}; nothing was imported`,
    );
  }
  const { parts, rows } = read;
  const before = parts.map((part) => {
    const span = spanOf(part.slots);
    return { ...part, span, replaced: held.slots(part.series, span).length };
  });
  const changes = new Map<string, TimeRange>();
  if (dryRun)
    for (const part of parts) {
      const range = held.wouldChange(part);
      if (range) changes.set(part.series, range);
    }
  else for (const { series: changed, range } of await held.putAll(parts)) changes.set(changed, range);
  return {
    applied: !dryRun,
    rows,
    series: before.map(({ series: name, slots, span, replaced }) => {
      const range = changes.get(name);
      return {
        series: name,
        unit: seriesFamily(name)?.unit ?? "",
        slots: slots.length,
        fromMs: span.fromMs,
        toMs: ended(span.toMs),
        replaced,
        changed: range ? { fromMs: range.fromMs, toMs: ended(range.toMs) } : null,
      };
    }),
  };
}
