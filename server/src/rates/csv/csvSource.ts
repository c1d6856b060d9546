import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { ServerError } from "../../error.js";
import type { RateFetcher, RateQuestion } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import { everyMs, keySchema, revealed, sitesSchema, sourceKeys } from "../fetch/sourceSchema.js";
import { seriesFamily } from "../seriesName.js";
import type { Slot } from "../slot.js";
import { readRateCsv } from "./rateCsv.js";

const MAX_BYTES = 16 * 1024 * 1024;

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("csv"),
  /** A file on the server, read anew when it changes; or `url`, an address. */
  file: z.string().min(1).optional(),
  url: z
    .url({ protocol: /^https?$/, error: "must be an http(s) URL" })
    .refine((url) => !/^[a-z]+:\/\/[^/]*@/.test(url), "must hold no user or password")
    .optional(),
  header: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, "must be the name of a header")
    .default("authorization"),
  key: keySchema.optional(),
  /** The one series that the file is of. */
  series: z
    .string()
    .refine(
      (series) => seriesFamily(series) !== undefined,
      "must be a series such as price/spot or carbon/grid",
    ),
  /** Sites that a series of carbon is of. */
  sites: sitesSchema.optional(),
  /** What is said beside its figures. */
  source: z.string().trim().min(1).max(100).optional(),
});

const isOpen = (slot: Slot): boolean => !Number.isFinite(slot.endMs);

/**
 * A row without an end is what its keeper says until something newer is there: each reading says it anew and dates it, so that it does not
 * pass for the last word of a source that has died. An exchange rate or a year's factor is of the date that its row has.
 */
const saidAnew = (series: string, slots: readonly Slot[], nowMs: number): Slot[] =>
  slots.map((slot) =>
    isOpen(slot) && !/^(fx|residual)\//.test(series)
      ? { ...slot, asOfMs: Math.max(slot.startMs, nowMs) }
      : slot,
  );

/** Rates of a CSV file that somebody else keeps, with the columns and checks of an import. */
export const csvSource = sourceKind(schema, (config): RateFetcher => {
  const { file, url, header, key } = config;
  const name = config.source ?? file ?? new URL(url!).host;
  let readMs: number | undefined;
  /** The row without an end that was read last. */
  let open: Slot | undefined;
  return {
    id: config.id,
    kind: config.kind,
    series: [config.series],
    everyMs: everyMs(config, file === undefined ? 60 : 5),
    async fetch({ nowMs, last, http }: RateQuestion, signal) {
      let changedMs: number | undefined;
      let text: string;
      if (file === undefined)
        text = await http.text(new URL(url!), signal, { headers: key ? { [header]: revealed(key) } : {} });
      else {
        changedMs = await lastChange(file);
        if (changedMs === readMs) {
          // What somebody has put in its place meanwhile stays until the file is another.
          const held = last(config.series);
          return open && held && isOpen(held) && held.value === open.value && held.source === open.source
            ? [{ series: config.series, slots: saidAnew(config.series, [held], nowMs) }]
            : [];
        }
        text = await readFile(file, "utf8");
      }
      const read = readRateCsv(text, { series: config.series, source: name });
      if ("problems" in read) {
        const [first] = read.problems;
        throw new ServerError(
          "sourceFailed",
          `${name}: line ${first!.line}: ${first!.message}; nothing of it was taken`,
          { retryable: true },
        );
      }
      const other = read.parts.find(({ series }) => series !== config.series);
      if (other)
        throw new ServerError(
          "sourceFailed",
          `${name}: has rows of ${other.series}, but the source is of ${config.series}`,
        );
      readMs = changedMs;
      open = read.parts.flatMap(({ slots }) => slots).find(isOpen);
      return read.parts.map(({ series, slots }) => ({ series, slots: saidAnew(series, slots, nowMs) }));
    },
  };
});

/** When a file was changed last. Throws ServerError `sourceFailed` where it cannot be read. */
async function lastChange(file: string): Promise<number> {
  let found: { mtimeMs: number; size: number };
  try {
    found = await stat(file);
  } catch (cause) {
    throw new ServerError("sourceFailed", `cannot read ${file} (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
      retryable: true,
    });
  }
  if (found.size > MAX_BYTES)
    throw new ServerError("sourceFailed", `${file} is larger than ${MAX_BYTES / 1024 ** 2} MB`);
  return found.mtimeMs;
}
