import { alertStepSchema } from "@hashwatt/protocol/alerting";
import { SEVERITIES } from "@hashwatt/protocol/alertRules";
import { type AlertView, alertMemberSchema, alertViewSchema, apiErrorSchema } from "@hashwatt/protocol/http";
import { z } from "zod";
import { ServerError } from "../../error.js";
import { rigOfId } from "../../fleet/rigDetail.js";
import type { Route } from "../apiParts.js";
import { instant, noQuery, whole } from "../query.js";

const DAY_MS = 86_400_000;
const MAX_ALERTS = 5_000;

const eventSchema = z.object({
  atMs: z.number(),
  kind: z.string(),
  site: z.string().optional(),
  rig: z.int().optional(),
  text: z.string(),
});

const word = (max: number) => z.string().min(1).max(max);

/** `GET /api/alerts`, one of them with its history, and `GET /api/events`. */
export const alertRoutes: Route = (app, { overview, state, telling: { delivery }, clock }) => {
  const alertQuery = z.strictObject({
    since: instant.optional(),
    /** Only those that ended before it: the next page of a history begins where one ends. */
    before: instant.optional(),
    limit: whole(1, MAX_ALERTS).optional(),
    state: z.enum(["pending", "firing", "resolved", "open"]).optional(),
    severity: z.enum(SEVERITIES).optional(),
    site: word(64).optional(),
    rule: word(64).optional(),
    kind: word(20).optional(),
    subject: word(100).optional(),
  });
  type Wanted = z.infer<typeof alertQuery>;
  const isWanted = (alert: AlertView, { state, severity, site, rule, kind, subject }: Wanted): boolean => {
    const about = alert.subject;
    return (
      (state === undefined || state === alert.state || (state === "open" && alert.state !== "resolved")) &&
      (severity === undefined || severity === alert.severity) &&
      (site === undefined || site === alert.site) &&
      (rule === undefined || rule === alert.rule) &&
      (kind === undefined || kind === about.kind) &&
      (subject === undefined || subject === about.id || subject === about.name)
    );
  };
  app.get<{ Querystring: Wanted }>(
    "/api/alerts",
    {
      schema: {
        summary:
          "Open alerts, worst first, and those that ended since `since` (by default within a day), newest first; `before` and `limit` give the next page of these",
        querystring: alertQuery,
        response: { 200: z.array(alertViewSchema), 400: apiErrorSchema },
      },
    },
    async ({ query }) => {
      const { since, before = Number.POSITIVE_INFINITY, limit = MAX_ALERTS } = query;
      const ended = await state.alerts(since ?? clock.nowMs() - DAY_MS);
      const open = overview.alerts().filter((alert) => alert.state !== "resolved");
      // What has just begun again is still stored as ended.
      const ids = new Set(open.map(({ id }) => id));
      const over = ended
        .filter(({ id, state, resolvedMs }) => state === "resolved" && !ids.has(id) && resolvedMs! < before)
        .sort((a, b) => b.resolvedMs! - a.resolvedMs!);
      const all = [...(query.before === undefined ? open : []), ...over];
      return all
        .filter((alert) => isWanted(alert, query))
        .slice(0, limit)
        .map((alert) => delivery.shown(alert));
    },
  );
  const params = z.object({ id: z.string().max(200) });
  app.get<{ Params: z.infer<typeof params> }>(
    "/api/alerts/:id/steps",
    {
      schema: {
        summary: "What was done and decided about an alert, and why: oldest first",
        params,
        querystring: noQuery,
        response: { 200: z.array(alertStepSchema), 400: apiErrorSchema },
      },
    },
    ({ params: { id } }) => delivery.steps(id),
  );
  app.get<{ Params: z.infer<typeof params> }>(
    "/api/alerts/:id/members",
    {
      schema: {
        summary:
          "The firing alerts that stand under an open one: all members of a group, all rigs of an outage",
        params,
        querystring: noQuery,
        response: { 200: z.array(alertMemberSchema), 400: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    ({ params: { id } }) => {
      const members = overview.alertMembers(id);
      if (!members)
        throw new ServerError(
          "notFound",
          `There is no open alert ${id}; GET /api/alerts?state=open has those`,
        );
      return members.map(({ id, rig, subject, firedMs, reason }) => ({
        ...{ id, subject, firedMs, reason },
        ...(rig !== undefined && { rig }),
      }));
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
