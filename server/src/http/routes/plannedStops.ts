import type { Facets } from "@hashwatt/protocol/access";
import { apiErrorSchema } from "@hashwatt/protocol/http";
import { type PlannedStop, plannedStopSchema, plannedStopViewSchema } from "@hashwatt/protocol/plannedStops";
import { SLUG } from "@hashwatt/protocol/slug";
import { z } from "zod";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

const params = z.object({ site: z.string().max(64), id: z.string().regex(SLUG) });
const refused = { 400: apiErrorSchema, 403: apiErrorSchema, 404: apiErrorSchema };

/** A stop as the record of changes holds it: flat. */
const facets = ({ name, rigs, time }: PlannedStop): Facets => ({
  name,
  rigs: rigs ?? null,
  ...("fromMs" in time
    ? time
    : { ...time, days: time.days.map(String), sinceMs: time.sinceMs ?? null, untilMs: time.untilMs ?? null }),
});

/** `/api/planned-stops`: times in which rigs are stopped on purpose. */
export const plannedStopRoutes: Route = (app, { plannedStops, clock }) => {
  type Params = z.infer<typeof params>;
  app.get(
    "/api/planned-stops",
    {
      schema: {
        summary: "Planned stops of sites and rigs, each with its present or next window",
        querystring: noQuery,
        response: { 200: z.array(plannedStopViewSchema) },
      },
    },
    () => plannedStops.views(clock.nowMs()),
  );
  app.put<{ Params: Params; Body: z.infer<typeof plannedStopSchema> }>(
    "/api/planned-stops/:site/:id",
    {
      schema: {
        summary:
          "Plans a stop, or changes it: while it lasts and half an hour after, rules of silence, hashrate and fans keep quiet",
        params,
        querystring: noQuery,
        body: plannedStopSchema,
        response: { 200: z.object({ site: z.string(), id: z.string() }), ...refused },
      },
    },
    async (request) => {
      const { site, id } = request.params;
      request.deed = { action: "plannedStop.put", object: `${site}/${id}` };
      const before = await plannedStops.put(site, id, request.body, clock.nowMs());
      request.deed = {
        action: "plannedStop.put",
        object: `${site}/${id}`,
        ...(before && { before: facets(before) }),
        after: facets(request.body),
      };
      return { site, id };
    },
  );
  app.delete<{ Params: Params }>(
    "/api/planned-stops/:site/:id",
    {
      schema: {
        summary: "Removes a planned stop",
        params,
        querystring: noQuery,
        response: { 200: z.object({ site: z.string(), id: z.string() }), ...refused },
      },
    },
    async (request) => {
      const { site, id } = request.params;
      request.deed = { action: "plannedStop.remove", object: `${site}/${id}` };
      const before = await plannedStops.remove(site, id);
      request.deed = { action: "plannedStop.remove", object: `${site}/${id}`, before: facets(before) };
      return { site, id };
    },
  );
};
