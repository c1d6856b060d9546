import { alertViewSchema, apiErrorSchema } from "@hashwatt/protocol/http";
import { z } from "zod";
import { rigOfId } from "../../fleet/rigDetail.js";
import type { Route } from "../apiParts.js";
import { instant, whole } from "../query.js";

const DAY_MS = 86_400_000;
const MAX_ALERTS = 5_000;

const eventSchema = z.object({
  atMs: z.number(),
  kind: z.string(),
  site: z.string().optional(),
  rig: z.int().optional(),
  text: z.string(),
});

/** `GET /api/alerts` and `GET /api/events`. */
export const alertRoutes: Route = (app, { overview, state, clock }) => {
  const alertQuery = z.strictObject({ since: instant.optional() });
  app.get<{ Querystring: z.infer<typeof alertQuery> }>(
    "/api/alerts",
    {
      schema: {
        summary: "Open alerts, worst first, and those that ended since `since` (by default within a day)",
        querystring: alertQuery,
        response: { 200: z.array(alertViewSchema), 400: apiErrorSchema },
      },
    },
    async (request) => {
      const ended = await state.alerts(request.query.since ?? clock.nowMs() - DAY_MS);
      const open = overview.alerts().filter((alert) => alert.state !== "resolved");
      // What has just begun again is still stored as ended.
      const ids = new Set(open.map(({ id }) => id));
      const over = ended.filter(({ id, state }) => state === "resolved" && !ids.has(id));
      return [...open, ...over].slice(0, MAX_ALERTS);
    },
  );
  const eventQuery = z.strictObject({
    since: instant.optional(),
    limit: whole(1, 1_000).optional(),
    rig: z
      .string()
      .max(32)
      .refine((id) => rigOfId(id) !== undefined, "is no rig; rigs are named r1, r2, …, see /api/fleet")
      .optional(),
  });
  app.get<{ Querystring: z.infer<typeof eventQuery> }>(
    "/api/events",
    {
      schema: {
        summary:
          "What happened and must be explainable: losses, swaps, moves; newest first, of one rig where it is named",
        querystring: eventQuery,
        response: { 200: z.array(eventSchema), 400: apiErrorSchema },
      },
    },
    ({ query: { since, limit = 200, rig } }) =>
      state.events(
        since ?? clock.nowMs() - 7 * DAY_MS,
        limit,
        rig === undefined ? undefined : [rigOfId(rig)!],
      ),
  );
};
