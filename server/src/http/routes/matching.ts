import { apiErrorSchema } from "@hashwatt/protocol/http";
import { matchingSchema } from "@hashwatt/protocol/matching";
import { z } from "zod";
import { ServerError } from "../../error.js";
import type { Route } from "../apiParts.js";
import { instant } from "../query.js";
import { rangeOf } from "../range.js";

/** `GET /api/matching`. */
export const matchingRoutes: Route = (app, { sites, rates, state, metered, clock }) => {
  const query = z.strictObject({
    site: z.string().min(1).max(64),
    from: instant.optional(),
    to: instant.optional(),
  });
  app.get<{ Querystring: z.infer<typeof query> }>(
    "/api/matching",
    {
      schema: {
        summary:
          "How much of a site's energy its contracts supplied in the very hours in which it was drawn. By default the last 24 hours",
        querystring: query,
        response: { 200: matchingSchema, 400: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    async (request) => {
      const { site } = request.query;
      if (!sites.get(site)) throw new ServerError("notFound", `There is no site "${site}"; see /api/totals`);
      // Few look at it: what works it out is loaded when it is asked for.
      const { siteMatching } = await import("../../carbon/siteMatching.js");
      const nowMs = clock.nowMs();
      const { fromMs, toMs } = rangeOf(request.query, nowMs);
      // An hour that is not over has not drawn yet what it is supplied.
      return siteMatching({ site, fromMs, toMs: Math.min(toMs, nowMs) }, rates, state, metered?.feeders);
    },
  );
};
