import { randomBytes } from "node:crypto";
import { silenceInputSchema, silenceSchema } from "@hashwatt/protocol/alerting";
import { alertViewSchema, apiErrorSchema } from "@hashwatt/protocol/http";
import { plainText } from "@hashwatt/protocol/plainText";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { ServerError } from "../../error.js";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

/** A snooze is for a while; for longer there are silences. */
const MAX_SNOOZE_MS = 7 * 86_400_000;

const params = z.object({ id: z.string().max(200) });
const text = z
  .string()
  .max(500)
  .transform((note) => plainText(note).trim());
/** A note may be left out, and with it the whole body. */
const ackBody = z.strictObject({ note: text.optional() }).nullish();
const snoozeBody = z.strictObject({ untilMs: z.number().min(0).max(8.64e15), note: text.optional() });
const answers = { 200: alertViewSchema, 400: apiErrorSchema, 403: apiErrorSchema, 404: apiErrorSchema };

/** Who asks; where nobody logs in, whoever can reach the server. */
export const askedBy = (request: FastifyRequest): string => request.grant?.who || "somebody";

/** Taking up alerts, putting them off, and keeping quiet about some: what a person on duty does. */
export const alertDeskRoutes: Route = (app, { telling: { delivery, setup }, clock }) => {
  type Params = z.infer<typeof params>;
  app.post<{ Params: Params; Body: z.infer<typeof ackBody> }>(
    "/api/alerts/:id/ack",
    {
      schema: {
        summary: "Takes an alert up: every screen shows by whom, and it is neither said again nor escalated",
        params,
        querystring: noQuery,
        body: ackBody,
        response: answers,
      },
    },
    (request) => {
      const note = request.body?.note;
      request.deed = { action: "alert.ack", object: request.params.id, after: { note: note || null } };
      return delivery.acknowledge(request.params.id, askedBy(request), note || undefined);
    },
  );
  app.post<{ Params: Params }>(
    "/api/alerts/:id/unack",
    {
      schema: {
        summary: "Gives an alert back that was taken up",
        params,
        querystring: noQuery,
        response: answers,
      },
    },
    (request) => {
      request.deed = { action: "alert.unack", object: request.params.id };
      return delivery.unacknowledge(request.params.id, askedBy(request));
    },
  );
  app.post<{ Params: Params; Body: z.infer<typeof snoozeBody> }>(
    "/api/alerts/:id/snooze",
    {
      schema: {
        summary:
          "Tells nobody of an alert until `untilMs`, at most 7 days ahead; what still fires then is said again",
        params,
        querystring: noQuery,
        body: snoozeBody,
        response: answers,
      },
    },
    async (request) => {
      const { id } = request.params;
      const { untilMs, note } = request.body;
      request.deed = { action: "alert.snooze", object: id, after: { untilMs, note: note || null } };
      const nowMs = clock.nowMs();
      if (untilMs <= nowMs || untilMs > nowMs + MAX_SNOOZE_MS)
        throw new ServerError("badRequest", "untilMs: must lie ahead, within 7 days");
      return delivery.snooze(id, untilMs, askedBy(request), note || undefined);
    },
  );
  app.post<{ Params: Params }>(
    "/api/alerts/:id/unsnooze",
    {
      schema: { summary: "Ends a snooze", params, querystring: noQuery, response: answers },
    },
    (request) => {
      request.deed = { action: "alert.unsnooze", object: request.params.id };
      return delivery.unsnooze(request.params.id, askedBy(request));
    },
  );

  app.get(
    "/api/alerts/silences",
    {
      schema: {
        summary: "Silences: those that hold, those to come, and those of the last 7 days",
        querystring: noQuery,
        response: { 200: z.array(silenceSchema), 400: apiErrorSchema },
      },
    },
    () => [...setup.silences],
  );
  app.post<{ Body: z.infer<typeof silenceInputSchema> }>(
    "/api/alerts/silence",
    {
      schema: {
        summary: "Tells nobody of the alerts that fit, from `fromMs` (absent = now) until `untilMs`",
        querystring: noQuery,
        body: silenceInputSchema,
        response: { 201: silenceSchema, 400: apiErrorSchema, 403: apiErrorSchema },
      },
    },
    async (request, reply) => {
      const { match, untilMs, fromMs, note } = request.body;
      const object = JSON.stringify(match);
      const after = { untilMs, fromMs: fromMs ?? null, note: note || null };
      request.deed = { action: "silence.add", object, after };
      const id = randomBytes(8).toString("hex");
      reply.code(201);
      return setup.addSilence(id, request.body, askedBy(request));
    },
  );
  app.delete<{ Params: Params }>(
    "/api/alerts/silences/:id",
    {
      schema: {
        summary: "Ends a silence: what fires and fitted it is told",
        params,
        querystring: noQuery,
        response: { 200: silenceSchema, 403: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    async (request) => {
      request.deed = { action: "silence.end", object: request.params.id };
      return setup.dropSilence(request.params.id);
    },
  );
};
