import { rigAvailabilitySchema, siteAvailabilitySchema } from "@hashwatt/protocol/availability";
import { apiErrorSchema } from "@hashwatt/protocol/http";
import { z } from "zod";
import { ServerError } from "../../error.js";
import type { Route } from "../apiParts.js";
import { instant } from "../query.js";
import { rangeOf } from "../range.js";
import { knownRig } from "./rigs.js";

const query = z.strictObject({ from: instant.optional(), to: instant.optional() });
const params = z.object({ id: z.string().max(64) });
const answers = { 400: apiErrorSchema, 404: apiErrorSchema };

/** `/api/rigs/:id/availability` and `/api/sites/:id/availability`: up, down, planned and unknown time. */
export const availabilityRoutes: Route = (app, parts) => {
  const { availability, clock } = parts;
  app.get<{ Params: z.infer<typeof params>; Querystring: z.infer<typeof query> }>(
    "/api/rigs/:id/availability",
    {
      schema: {
        summary:
          "For how long a rig was up, down, stopped as planned or not read. By default the last 24 hours",
        params,
        querystring: query,
        response: { 200: rigAvailabilitySchema, ...answers },
      },
    },
    (request) => {
      const record = parts.index.record(knownRig(parts, request.params.id))!;
      return availability.ofRig(record, rangeOf(request.query, clock.nowMs()), clock.nowMs());
    },
  );
  app.get<{ Params: z.infer<typeof params>; Querystring: z.infer<typeof query> }>(
    "/api/sites/:id/availability",
    {
      schema: {
        summary:
          "The same of all rigs of a site together, without those in repair or retired, and the rigs that were down for longest",
        params,
        querystring: query,
        response: { 200: siteAvailabilitySchema, ...answers },
      },
    },
    (request) => {
      const { id } = request.params;
      if (!parts.sites.get(id)) throw new ServerError("notFound", `There is no site "${id}"`);
      return availability.ofSite(id, rangeOf(request.query, clock.nowMs()), clock.nowMs());
    },
  );
};
