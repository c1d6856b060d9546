import { apiErrorSchema } from "@hashwatt/protocol/http";
import { airSeriesSchema, meterViewSchema } from "@hashwatt/protocol/meters";
import { z } from "zod";
import { ServerError } from "../../error.js";
import type { Route } from "../apiParts.js";
import { durationMs, instant, noQuery } from "../query.js";
import { rangeOf } from "../range.js";

/** `GET /api/meters`, and `GET /api/sites/:id/air`. */
export const meterRoutes: Route = (app, { metered, sites, state, clock }) => {
  app.get(
    "/api/meters",
    {
      schema: {
        summary: "External meters and sensors: what each says, how old that is, and how groups are divided",
        querystring: noQuery,
        response: { 200: z.array(meterViewSchema), 400: apiErrorSchema },
      },
    },
    () => metered?.metering.views(clock.nowMs()) ?? [],
  );

  const params = z.object({ id: z.string().max(64) });
  const query = z.strictObject({
    from: instant.optional(),
    to: instant.optional(),
    step: durationMs.optional(),
    meter: z.string().min(1).max(64).optional(),
  });
  app.get<{ Params: z.infer<typeof params>; Querystring: z.infer<typeof query> }>(
    "/api/sites/:id/air",
    {
      schema: {
        summary:
          "Temperature and humidity of a site's sensors, now and over time, of one sensor where it is named. By default the last 24 hours; steps of 5 minutes and more",
        params,
        querystring: query,
        response: { 200: airSeriesSchema, 400: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    async (request) => {
      const { id: site } = request.params;
      const { meter } = request.query;
      if (!sites.get(site)) throw new ServerError("notFound", `There is no site "${site}"; see /api/totals`);
      const nowMs = clock.nowMs();
      // Few farms have sensors: what reads them is loaded when it is asked for.
      const { airSeries } = await import("../../metering/airSeries.js");
      const of = { site, nowMs, ...(meter !== undefined && { meter }) };
      const known = { now: metered?.air.now(site, nowMs) ?? [], open: metered?.air.open(site) ?? [] };
      return airSeries({ ...rangeOf(request.query, nowMs), ...of, ...known }, state);
    },
  );
};
