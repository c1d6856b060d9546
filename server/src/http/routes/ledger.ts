import { breakEvenSchema } from "@hashwatt/protocol/breakEven";
import { apiErrorSchema } from "@hashwatt/protocol/http";
import {
  LEDGER_STEPS,
  ledgerExplanationSchema,
  ledgerSchema,
  ledgerSitesSchema,
} from "@hashwatt/protocol/ledger";
import { z } from "zod";
import type { Route } from "../apiParts.js";
import { instant } from "../query.js";
import { rangeOf } from "../range.js";

const BUCKET_MS = 300_000;
const range = { from: instant.optional(), to: instant.optional() };
const scope = {
  site: z.string().max(64).optional(),
  rig: z.string().max(32).optional(),
  group: z.string().max(120).optional(),
};
const refused = { 400: apiErrorSchema, 404: apiErrorSchema };

/** `GET /api/ledger`, its `/sites` and its `/explain`, and `GET /api/break-even`. */
export const ledgerRoutes: Route = (app, { ledger, clock }) => {
  const ledgerQuery = z.strictObject({ ...scope, ...range, step: z.enum(LEDGER_STEPS).default("hour") });
  app.get<{ Querystring: z.infer<typeof ledgerQuery> }>(
    "/api/ledger",
    {
      schema: {
        summary:
          "What a site, a rig or a group (`rack:A3`, `owner:…`, `model:…`) used, earned, cost and emitted, by hours, days or months of the site's zone, with coverage and sources. By default the last 24 hours by hour",
        querystring: ledgerQuery,
        response: { 200: ledgerSchema, ...refused },
      },
    },
    async ({ query: { step, from, to, ...asked } }, reply) =>
      reply
        .type("application/json; charset=utf-8")
        .send(await ledger.ledgerJson(asked, rangeOf(given({ from, to }), clock.nowMs()), step)),
  );

  const sitesQuery = z.strictObject(range);
  app.get<{ Querystring: z.infer<typeof sitesQuery> }>(
    "/api/ledger/sites",
    {
      schema: {
        summary: "Totals of every site, and sums by currency. By default of the last 24 hours",
        querystring: sitesQuery,
        response: { 200: ledgerSitesSchema, 400: apiErrorSchema },
      },
    },
    ({ query }) => ledger.sites(rangeOf(given(query), clock.nowMs())),
  );

  const breakEvenQuery = z.strictObject({ site: scope.site });
  app.get<{ Querystring: z.infer<typeof breakEvenQuery> }>(
    "/api/break-even",
    {
      schema: {
        summary:
          "Break-even price, hashcost and margin of a site's rigs at the rates of now, by algorithm and model, the weakest first, and of all of an algorithm together. Marginal: energy and overhead only",
        querystring: breakEvenQuery,
        response: { 200: breakEvenSchema, ...refused },
      },
    },
    ({ query: { site } }) => ledger.breakEven(site, clock.nowMs()),
  );

  const explainQuery = z.strictObject({ ...scope, ...range, at: instant.optional() });
  app.get<{ Querystring: z.infer<typeof explainQuery> }>(
    "/api/ledger/explain",
    {
      schema: {
        summary:
          "The arithmetic of a figure: every 5 minutes with every factor at full precision, its source and date, and why what is missing is unknown. Of the 5 minutes of a site (of the hour of a rig) that `at` lies in, or from `from` to `to`, two days at most",
        querystring: explainQuery,
        response: { 200: ledgerExplanationSchema, ...refused },
      },
    },
    ({ query: { at, from, to, ...asked } }) => {
      if (at === undefined) return ledger.explain(asked, rangeOf(given({ from, to }), clock.nowMs()));
      const fromMs = Math.floor(at / BUCKET_MS) * BUCKET_MS;
      return ledger.explain(asked, { fromMs, toMs: fromMs + BUCKET_MS });
    },
  );
};

/** What was said; what was not is absent. */
const given = ({ from, to }: { from?: number | undefined; to?: number | undefined }) => ({
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
});
