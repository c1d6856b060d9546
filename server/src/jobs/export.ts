import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import { z } from "zod";
import { ServerError } from "../error.js";
import { EXPORTS, type ExportOrder, exportFile, refuseExport } from "../export/exportRows.js";
import { jobKind } from "./job.js";

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 31;
const instant = z.number().int().min(-8.64e15).max(8.64e15);
const params = z.strictObject({
  /** The ledger of rigs by the hour, of sites by 5 minutes, or raw readings. */
  data: z.enum(EXPORTS),
  /** A file that does not exist yet; its ending says the format. */
  out: z
    .string()
    .max(1_000)
    .refine(isAbsolute, "must be an absolute path on the server's machine")
    .refine((path) => /\.(csv|parquet)$/.test(path), "must end in .csv or .parquet"),
  site: z.string().min(1).max(64).optional(),
  /** By default the last 31 days. */
  fromMs: instant.optional(),
  toMs: instant.optional(),
});
type Params = z.infer<typeof params>;

function orderOf({ data, out, site, fromMs, toMs }: Params, nowMs: number): ExportOrder {
  const to = toMs ?? nowMs;
  const from = fromMs ?? to - DEFAULT_DAYS * DAY_MS;
  if (from >= to) throw new ServerError("badRequest", "fromMs: must be before toMs");
  return { data, format: out.endsWith(".csv") ? "csv" : "parquet", site, fromMs: from, toMs: to };
}

/** Writes the ledger or raw readings to one file of the server's machine. */
export const exportJob = jobKind<Params>({
  kind: "export",
  summary: "Writes the ledger or raw readings to a .csv or .parquet file of the server's machine",
  params,
  unit: "%",
  shown: ({ data, out, site }) => ({ data, out, ...(site !== undefined && { site }) }),
  async check(asked, parts) {
    refuseExport(asked, parts);
    const { site, out } = asked;
    if (site !== undefined && !parts.sites.get(site))
      throw new ServerError("badRequest", `site: there is no site "${site}"; see /api/totals`);
    if (existsSync(out)) throw new ServerError("badRequest", `out: ${out} exists already; name another file`);
    orderOf(asked, parts.clock.nowMs());
  },
  async run(asked, parts, { signal, progress }) {
    const order = orderOf(asked, parts.clock.nowMs());
    progress(0, 100);
    const rows = await exportFile(parts, order, asked.out, {
      signal,
      progress: (done) => progress(Math.floor(done * 100), 100),
    }).catch((cause: NodeJS.ErrnoException) => {
      if (cause instanceof ServerError || !/^E[A-Z]+$/.test(cause.code ?? "")) throw cause;
      throw new ServerError("badRequest", `out: ${asked.out} cannot be written (${cause.code})`, { cause });
    });
    return [`${rows} rows are in ${asked.out}`];
  },
});
