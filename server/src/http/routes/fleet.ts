import { apiErrorSchema, fleetColumnsSchema, totalsSchema } from "@hashwatt/protocol/http";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

/** `GET /api/fleet` and `GET /api/totals`. */
export const fleetRoutes: Route = (app, { hub, overview, clock }) => {
  app.get(
    "/api/fleet",
    {
      schema: {
        summary: "Every rig as columns; go on with the deltas of the live channel `fleet` after `seq`",
        querystring: noQuery,
        response: { 200: fleetColumnsSchema, 400: apiErrorSchema },
      },
    },
    () => hub.fleetSnapshot(clock.nowMs()),
  );
  app.get(
    "/api/totals",
    {
      schema: {
        summary: "Sums over the fleet and each site, with what they rest on and how many rigs they cover",
        querystring: noQuery,
        response: { 200: totalsSchema, 400: apiErrorSchema },
      },
    },
    () => overview.totals(clock.nowMs()),
  );
};
