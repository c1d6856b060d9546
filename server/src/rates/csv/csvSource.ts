import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { ServerError } from "../../error.js";
import type { RateFetcher, RateQuestion } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import { everyMs, keySchema, revealed, sitesSchema, sourceKeys } from "../fetch/sourceSchema.js";
import { seriesFamily } from "../seriesName.js";
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

/** Rates of a CSV file that somebody else keeps, with the columns and checks of an import. */
export const csvSource = sourceKind(schema, (config): RateFetcher => {
  const { file, url, header, key } = config;
  const name = config.source ?? file ?? new URL(url!).host;
  let readMs: number | undefined;
  return {
    id: config.id,
    kind: config.kind,
    series: [config.series],
    everyMs: everyMs(config, file === undefined ? 60 : 5),
    async fetch({ http }: RateQuestion, signal) {
      let changedMs: number | undefined;
      let text: string;
      if (file === undefined)
        text = await http.text(new URL(url!), signal, { headers: key ? { [header]: revealed(key) } : {} });
      else {
        changedMs = await lastChange(file);
        if (changedMs === readMs) return [];
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
      return read.parts;
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
