import { apiErrorSchema, SITE_SERIES_FIELDS, seriesSchema } from "@hashwatt/protocol/http";
import { z } from "zod";
import { ServerError } from "../../error.js";
import type { Route } from "../apiParts.js";
import { durationMs, fields, instant } from "../query.js";
import { rangeOf } from "../range.js";

/** `GET /api/sites/:id/series`. */
export const siteRoutes: Route = (app, { sites, history, clock }) => {
  const params = z.object({ id: z.string().max(64) });
  const query = z.strictObject({
    from: instant.optional(),
    to: instant.optional(),
    fields: fields(SITE_SERIES_FIELDS),
    step: durationMs.optional(),
    algo: z.string().min(1).max(32).optional(),
  });
  app.get<{ Params: z.infer<typeof params>; Querystring: z.infer<typeof query> }>(
    "/api/sites/:id/series",
    {
      schema: {
        summary:
          "History of one site with money per hour, of one algorithm (`algo`; by default SHA-256, else that of most rigs); the answer says its step, tier and coverage. By default the last 24 hours",
        params,
        querystring: query,
        response: { 200: seriesSchema, 400: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    (request) => {
      const { id } = request.params;
      if (!sites.get(id)) throw new ServerError("notFound", `There is no site "${id}"; see /api/totals`);
      const { algo, fields: named } = request.query;
      const range = rangeOf(request.query, clock.nowMs());
      return history.site(id, { ...range, ...(algo !== undefined && { algo }) }, named);
    },
  );
};
