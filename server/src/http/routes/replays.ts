import {
  alertViewSchema,
  apiErrorSchema,
  fleetColumnsSchema,
  rigDetailSchema,
  totalsSchema,
} from "@hashwatt/protocol/http";
import { REPLAY_SPEED, replayViewSchema } from "@hashwatt/protocol/replays";
import { z } from "zod";
import { ServerError } from "../../error.js";
import type { Route } from "../apiParts.js";
import { instant, noQuery } from "../query.js";

const params = z.object({ id: z.string().max(64) });
const rigParams = z.object({ id: z.string().max(64), rig: z.string().max(32) });
/** As in a query: epoch ms or ISO 8601; a number may stand without quotes. */
const moment = z.union([z.number(), z.string()]).transform(String).pipe(instant);
const speed = z.number().min(REPLAY_SPEED.min).max(REPLAY_SPEED.max);
const startBody = z.strictObject({ from: moment, to: moment, speed: speed.default(1) });
const changeBody = z
  .strictObject({ playing: z.boolean().optional(), at: moment.optional(), speed: speed.optional() })
  .refine((body) => Object.keys(body).length > 0, "must say playing, at or speed");
const refused = { 400: apiErrorSchema, 404: apiErrorSchema };

/** `/api/replays`: stored history through a fleet of its own, and what that fleet shows. */
export const replayRoutes: Route = (app, { replays }) => {
  app.get(
    "/api/replays",
    {
      schema: {
        summary: "Replays that run",
        querystring: noQuery,
        response: { 200: z.array(replayViewSchema), 400: apiErrorSchema },
      },
    },
    () => replays.list(),
  );
  app.post<{ Body: z.infer<typeof startBody> }>(
    "/api/replays",
    {
      schema: {
        summary:
          "Plays stored readings again, for whoever opens /replay/<id>/; it changes nothing and ends when nobody looks",
        body: startBody,
        querystring: noQuery,
        response: { 201: replayViewSchema, 400: apiErrorSchema },
      },
    },
    async (request, reply) => {
      const { from, to, speed } = request.body;
      request.deed = { action: "replay.start", object: "" };
      const view = await replays.start({ fromMs: from, toMs: to, speed }, request.grant?.who ?? "");
      request.deed = { action: "replay.start", object: view.id };
      return reply.status(201).send(view);
    },
  );
  app.get<{ Params: z.infer<typeof params> }>(
    "/api/replays/:id",
    {
      schema: {
        summary: "Where a replay is",
        params,
        querystring: noQuery,
        response: { 200: replayViewSchema, ...refused },
      },
    },
    (request) => replays.get(request.params.id).view(),
  );
  app.patch<{ Params: z.infer<typeof params>; Body: z.infer<typeof changeBody> }>(
    "/api/replays/:id",
    {
      schema: {
        summary: "Pauses a replay or plays it on, goes to another moment, or changes its speed",
        params,
        body: changeBody,
        querystring: noQuery,
        response: { 200: replayViewSchema, ...refused },
      },
    },
    (request) => {
      const { playing, at, speed } = request.body;
      request.deed = { action: "replay.change", object: request.params.id };
      const session = replays.get(request.params.id);
      session.change({
        ...(playing !== undefined && { playing }),
        ...(at !== undefined && { atMs: at }),
        ...(speed !== undefined && { speed }),
      });
      return session.view();
    },
  );
  app.delete<{ Params: z.infer<typeof params> }>(
    "/api/replays/:id",
    {
      schema: {
        summary: "Ends a replay for all who look at it",
        params,
        querystring: noQuery,
        response: { 200: replayViewSchema, ...refused },
      },
    },
    (request) => {
      request.deed = { action: "replay.end", object: request.params.id };
      return replays.end(request.params.id);
    },
  );
  app.get<{ Params: z.infer<typeof params> }>(
    "/api/replays/:id/fleet",
    {
      schema: {
        summary: "As /api/fleet, at the moment of the replay; go on with /live?replay=<id>",
        params,
        querystring: noQuery,
        response: { 200: fleetColumnsSchema, ...refused },
      },
    },
    (request) => {
      const session = replays.get(request.params.id);
      return session.hub.fleetSnapshot(session.nowMs);
    },
  );
  app.get<{ Params: z.infer<typeof params> }>(
    "/api/replays/:id/totals",
    {
      schema: {
        summary: "As /api/totals, at the moment of the replay",
        params,
        querystring: noQuery,
        response: { 200: totalsSchema, ...refused },
      },
    },
    (request) => {
      const session = replays.get(request.params.id);
      return session.overview.totals(session.nowMs);
    },
  );
  app.get<{ Params: z.infer<typeof params> }>(
    "/api/replays/:id/alerts",
    {
      schema: {
        summary: "Alerts that were open at the moment of the replay, or had ended within a day",
        params,
        querystring: z.strictObject({ since: instant.optional() }),
        response: { 200: z.array(alertViewSchema), ...refused },
      },
    },
    (request) => replays.get(request.params.id).alerts(),
  );
  app.get<{ Params: z.infer<typeof rigParams> }>(
    "/api/replays/:id/rigs/:rig",
    {
      schema: {
        summary: "As /api/rigs/:id, at the moment of the replay",
        params: rigParams,
        querystring: noQuery,
        response: { 200: rigDetailSchema, ...refused },
      },
    },
    (request) => {
      const session = replays.get(request.params.id);
      const detail = session.overview.rig(request.params.rig, session.nowMs);
      if (!detail) throw new ServerError("notFound", `There is no rig "${request.params.rig}"`);
      return detail;
    },
  );
};
