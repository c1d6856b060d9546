import { apiErrorSchema } from "@hashwatt/protocol/http";
import { rateImportBodySchema, rateImportSchema, ratesViewSchema } from "@hashwatt/protocol/rates";
import type { z } from "zod";
import { importRates } from "../../rates/csv/importRates.js";
import { networkView } from "../../rates/hashprice/networkView.js";
import { seriesFamily } from "../../rates/seriesName.js";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

/** A year of quarter hours with its sources. */
const BODY_LIMIT = 16 * 1024 * 1024;

/** `/api/rates`: the series that were fetched or imported, who is asked for them, and imports. */
export const rateRoutes: Route = (app, { rateSeries, rateSources, sites, clock }) => {
  app.get(
    "/api/rates",
    {
      schema: {
        summary:
          "Series of rates that were fetched or imported, each with its newest figure; and the sources of config and settings, each with how it is",
        querystring: noQuery,
        response: { 200: ratesViewSchema },
      },
    },
    () => ({
      network: networkView(rateSeries, clock.nowMs()) ?? null,
      series: rateSeries.list().map(({ series, slots, fromMs, toMs, last }) => ({
        series,
        unit: seriesFamily(series)?.unit ?? "",
        slots,
        fromMs,
        toMs: Number.isFinite(toMs) ? toMs : null,
        value: last.value,
        source: last.source,
        ...(last.note !== undefined && { note: last.note }),
        asOfMs: last.asOfMs,
      })),
      sources: rateSources.status().map(({ sites: named, ...source }) => ({
        ...source,
        strangeSites: named.filter((site) => !sites.get(site)),
        series: [...source.series],
        values: source.series.flatMap((series) => {
          const last = rateSeries.last(series);
          if (!last) return [];
          const { value, source: by, asOfMs } = last;
          return [{ series, value, unit: seriesFamily(series)?.unit ?? "", source: by, asOfMs }];
        }),
      })),
    }),
  );
  app.post<{ Body: z.infer<typeof rateImportBodySchema> }>(
    "/api/rates/import",
    {
      bodyLimit: BODY_LIMIT,
      schema: {
        summary:
          "Takes a CSV file of rates (columns series, start, end, value, source, note), or with `dryRun` says what that would change; its slots take the place of what they overlap. Of a file with an error nothing is taken",
        querystring: noQuery,
        body: rateImportBodySchema,
        response: { 200: rateImportSchema, 400: apiErrorSchema, 403: apiErrorSchema },
      },
    },
    async (request) => {
      const { file = "a file", dryRun } = request.body;
      const action = dryRun ? "rates.preview" : "rates.import";
      request.deed = { action, object: file };
      const done = await importRates(request.body, rateSeries);
      const after = { rows: done.rows, series: done.series.map(({ series }) => series) };
      request.deed = { action, object: file, after };
      return done;
    },
  );
};
