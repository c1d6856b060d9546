import { apiErrorSchema } from "@hashwatt/protocol/http";
import { rigIdentitySchema } from "@hashwatt/protocol/identity";
import { z } from "zod";
import { ServerError } from "../../error.js";
import { rigId, rigOfId } from "../../fleet/rigDetail.js";
import { rigIdentity, tiedRigs } from "../../identity/rigIdentity.js";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

const params = z.object({ id: z.string().max(32) });
const mergeBody = z.strictObject({ into: z.string().max(32) });
/** The rig that has the names now. */
const keptSchema = z.object({ id: z.string() });
const answers = { 200: keptSchema, 400: apiErrorSchema, 403: apiErrorSchema, 404: apiErrorSchema };

const unknown = (id: string): ServerError =>
  new ServerError("notFound", `There is no rig "${id}"; rigs are named r1, r2, …, see /api/fleet`);

const keyOf = (id: string): number => {
  const rig = rigOfId(id);
  if (rig === undefined) throw unknown(id);
  return rig;
};

/** Events of a rig's identity that are given with it. */
const MAX_EVENTS = 100;

/** `GET /api/rigs/:id/identity`, `POST …/merge`, `/split` and `/undo`: which rig is which, where only an operator can know. */
export const rigKeepingRoutes: Route = (app, { rigKeeping, index, handovers, state }) => {
  type Params = z.infer<typeof params>;
  app.get<{ Params: Params }>(
    "/api/rigs/:id/identity",
    {
      schema: {
        summary:
          "How a rig is told apart: its names and since when, what was merged and split, who shares a name with it, and what happened to it",
        params,
        querystring: noQuery,
        response: { 200: rigIdentitySchema, 400: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const rig = keyOf(id);
      const identity = rigIdentity(rig, index, handovers);
      if (!identity) throw unknown(id);
      const events = await state.events(0, MAX_EVENTS, tiedRigs(rig, handovers));
      return { ...identity, events: events.map(({ atMs, kind, text }) => ({ atMs, kind, text })) };
    },
  );
  app.post<{ Params: Params; Body: z.infer<typeof mergeBody> }>(
    "/api/rigs/:id/merge",
    {
      schema: {
        summary:
          "Says that a rig is the same as another, which has the names and the history of both from then on; can be undone",
        params,
        querystring: noQuery,
        body: mergeBody,
        response: answers,
      },
    },
    async (request) => {
      const { id } = request.params;
      const { into } = request.body;
      request.deed = { action: "rig.merge", object: id, after: { into } };
      await rigKeeping.merge(keyOf(id), keyOf(into));
      return { id: into };
    },
  );
  app.post<{ Params: Params }>(
    "/api/rigs/:id/split",
    {
      schema: {
        summary:
          "Says that what answers as this rig is another one from now on; the history so far stays with this one. Can be undone",
        params,
        querystring: noQuery,
        response: answers,
      },
    },
    async (request) => {
      const { id } = request.params;
      request.deed = { action: "rig.split", object: id };
      const fresh = rigId(await rigKeeping.split(keyOf(id)));
      request.deed = { action: "rig.split", object: id, after: { into: fresh } };
      return { id: fresh };
    },
  );
  app.post<{ Params: Params }>(
    "/api/rigs/:id/undo",
    {
      schema: {
        summary: "Takes back that this rig was merged or split",
        params,
        querystring: noQuery,
        response: answers,
      },
    },
    async (request) => {
      const { id } = request.params;
      request.deed = { action: "rig.undo", object: id };
      await rigKeeping.undo(keyOf(id));
      return { id };
    },
  );
};
