import { z } from "zod";
import { ServerError } from "../error.js";
import { jobKind } from "./job.js";

const instant = z.number().int().min(-8.64e15).max(8.64e15);
const params = z
  .strictObject({
    /** Absent = every site. */
    site: z.string().min(1).max(64).optional(),
    /** Epoch ms; absent = as far as the ledger goes. */
    fromMs: instant.optional(),
    toMs: instant.optional(),
  })
  .refine(({ fromMs, toMs }) => fromMs === undefined || toMs === undefined || fromMs < toMs, {
    path: ["fromMs"],
    message: "must be before toMs",
  });

/** Prices hours anew by what is known now. The server does so by itself where something changes; this is for who wants to see it done. */
export const reprice = jobKind<z.infer<typeof params>>({
  kind: "reprice",
  summary: "Prices hours of the ledger anew, of one site or of all; what has not changed comes out the same",
  params,
  unit: "hours",
  shown: ({ site, fromMs, toMs }) => ({
    ...(site !== undefined && { site }),
    ...(fromMs !== undefined && { fromMs }),
    ...(toMs !== undefined && { toMs }),
  }),
  async check({ site }, { sites }) {
    if (site !== undefined && !sites.get(site))
      throw new ServerError("badRequest", `site: there is no site "${site}"; see /api/totals`);
  },
  async run({ site, fromMs, toMs }, { pricer, sites }, { signal, progress }) {
    const of = site === undefined ? Array.from(sites.all(), (each) => each.site) : [site];
    const range = {
      fromMs: fromMs ?? Number.NEGATIVE_INFINITY,
      toMs: toMs ?? Number.POSITIVE_INFINITY,
    };
    const hours = await pricer.reprice(of, range, { signal, progress });
    return [`${hours} hours of ${of.length === 1 ? of[0] : `${of.length} sites`} priced anew`];
  },
});
