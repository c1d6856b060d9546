import {
  type AlertRouteInput,
  alertRouteInputSchema,
  alertRouteSchema,
  type ChannelInput,
  type ChannelView,
  channelInputSchema,
  channelViewSchema,
  type DeadLetter,
  deadLetterSchema,
} from "@hashwatt/protocol/alerting";
import { CHANNEL_SECRETS } from "@hashwatt/protocol/channelKinds";
import { apiErrorSchema } from "@hashwatt/protocol/http";
import { SLUG } from "@hashwatt/protocol/slug";
import { z } from "zod";
import type { OpenChannel } from "../../alerts/delivery/alertSetup.js";
import type { AlertMessage } from "../../alerts/messages/alertMessage.js";
import { messageText } from "../../alerts/messages/messageText.js";
import type { Notifications } from "../../alerts/notifications.js";
import { ServerError } from "../../error.js";
import type { QueuedNotification } from "../../store/state/state.js";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

const params = z.object({ id: z.string().max(200) });
const named = z.object({
  id: z.string().regex(SLUG, "must be a name of a–z, 0–9 and hyphens, at most 64"),
});
const done = z.object({ id: z.string() });
const refused = { 400: apiErrorSchema, 403: apiErrorSchema, 404: apiErrorSchema };
type Params = z.infer<typeof params>;

/** A channel without what is secret. */
function channelView({ config, origin, lost }: OpenChannel, notifications: Notifications): ChannelView {
  const { id, kind, name, off = false, chat, host, port, tls, username, from, to, ca } = config;
  const { waiting, dead, delivered, deliveredMs = null, problem, problemMs } = notifications.status(id);
  const secrets = CHANNEL_SECRETS.filter((key) => config[key] !== undefined);
  const told = Object.fromEntries(
    Object.entries({ name, chat, host, port, tls, username, from, to, ca, problem, problemMs }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  return {
    id,
    kind,
    origin,
    off,
    secrets,
    ...(lost.length && { lost: [...lost] }),
    waiting,
    dead,
    delivered,
    deliveredMs,
    ...told,
  };
}

/** What of a channel goes into the record of changes: its kind and the names of its secrets. */
const noted = ({ kind, off, ...rest }: ChannelInput) => ({
  kind,
  off: off ?? false,
  secrets: CHANNEL_SECRETS.filter((key) => rest[key] !== undefined).join(" "),
});

/** Ways to tell somebody, who is told of what, and what could not be told. */
export const alertChannelRoutes: Route = (app, { telling: { setup, notifications, world }, clock }) => {
  const viewOf = (id: string): ChannelView => channelView(setup.channel(id)!, notifications);
  app.get(
    "/api/alerts/channels",
    {
      schema: {
        summary: "Channels, and how each is. Of secrets only which there are",
        querystring: noQuery,
        response: { 200: z.array(channelViewSchema), 400: apiErrorSchema },
      },
    },
    () => setup.channels.map((channel) => channelView(channel, notifications)),
  );
  app.put<{ Params: Params; Body: ChannelInput }>(
    "/api/alerts/channels/:id",
    {
      schema: {
        summary:
          "Makes or changes a channel. Secrets are told to the server and never by it; one that is left out stays as it is, unless the channel leads elsewhere",
        params: named,
        querystring: noQuery,
        body: channelInputSchema,
        response: { 200: channelViewSchema, ...refused },
      },
    },
    async (request) => {
      const { id } = request.params;
      request.deed = { action: "channel.set", object: id, after: noted(request.body) };
      await setup.putChannel(id, request.body);
      return viewOf(id);
    },
  );
  app.delete<{ Params: Params }>(
    "/api/alerts/channels/:id",
    {
      schema: {
        summary: "Removes a channel; what waited for it becomes dead letters",
        params,
        querystring: noQuery,
        response: { 200: done, ...refused },
      },
    },
    async (request) => {
      const { id } = request.params;
      request.deed = { action: "channel.remove", object: id };
      await setup.dropChannel(id);
      return { id };
    },
  );
  app.post<{ Params: Params }>(
    "/api/alerts/channels/:id/test",
    {
      schema: {
        summary: "Sends a test message by a channel and says how it went",
        params,
        querystring: noQuery,
        response: {
          200: z.object({ delivered: z.boolean(), reason: z.string().optional() }),
          ...refused,
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      request.deed = { action: "channel.test", object: id };
      const { publicUrl } = world;
      const link = publicUrl === undefined ? {} : { link: `${publicUrl}/alerts` };
      const nowMs = clock.nowMs();
      const message: AlertMessage = { v: 1, why: "test", sentMs: nowMs, alerts: [], more: 0, ...link };
      const went = await notifications.test(id, { ...message, id: `${id}-test-${nowMs.toString(36)}` });
      if (!went)
        throw setup.channel(id)
          ? new ServerError("badRequest", `channel ${id} is off: switch it on first`)
          : new ServerError(
              "notFound",
              `there is no channel ${id}; GET /api/alerts/channels has those there are`,
            );
      return went.kind === "delivered" ? { delivered: true } : { delivered: false, reason: went.reason };
    },
  );

  app.get(
    "/api/alerts/routes",
    {
      schema: {
        summary:
          "Who is told of what, in the order in which it is asked; `builtIn` ones hold until there is another",
        querystring: noQuery,
        response: { 200: z.array(alertRouteSchema), 400: apiErrorSchema },
      },
    },
    () => [...setup.routes],
  );
  app.put<{ Params: Params; Body: AlertRouteInput }>(
    "/api/alerts/routes/:id",
    {
      schema: {
        summary: "Makes or changes a route; the first one takes the place of those that hold by themselves",
        params: named,
        querystring: noQuery,
        body: alertRouteInputSchema,
        response: { 200: alertRouteSchema, ...refused },
      },
    },
    async (request) => {
      const { id } = request.params;
      request.deed = { action: "route.set", object: id, after: { route: JSON.stringify(request.body) } };
      await setup.putRoute(id, request.body);
      return { ...request.body, id };
    },
  );
  app.delete<{ Params: Params }>(
    "/api/alerts/routes/:id",
    {
      schema: {
        summary: "Removes a route; without any, those hold again that hold by themselves",
        params,
        querystring: noQuery,
        response: { 200: done, ...refused },
      },
    },
    async (request) => {
      const { id } = request.params;
      request.deed = { action: "route.remove", object: id };
      await setup.dropRoute(id);
      return { id };
    },
  );

  const letterOf = ({ id, notifier, createdMs, attempts, failed, body }: QueuedNotification): DeadLetter => ({
    id,
    channel: notifier,
    createdMs,
    attempts,
    failedMs: failed!.atMs,
    reason: failed!.reason,
    title: messageText(body as AlertMessage, world).title,
  });
  app.get(
    "/api/alerts/dead-letters",
    {
      schema: {
        summary: "Messages that could not be delivered, newest first",
        querystring: noQuery,
        response: { 200: z.array(deadLetterSchema), 400: apiErrorSchema },
      },
    },
    () => notifications.deadLetters().map(letterOf),
  );
  const known = (found: boolean, id: string): { id: string } => {
    if (!found) throw new ServerError("notFound", `there is no dead letter ${id}`);
    return { id };
  };
  app.post<{ Params: Params }>(
    "/api/alerts/dead-letters/:id/send",
    {
      schema: {
        summary: "Sends a message again that could not be delivered",
        params,
        querystring: noQuery,
        response: { 200: done, ...refused },
      },
    },
    async (request) => {
      const { id } = request.params;
      request.deed = { action: "message.send", object: id };
      return known(await notifications.sendAgain(id), id);
    },
  );
  app.delete<{ Params: Params }>(
    "/api/alerts/dead-letters/:id",
    {
      schema: {
        summary: "Throws a message away that could not be delivered",
        params,
        querystring: noQuery,
        response: { 200: done, ...refused },
      },
    },
    async (request) => {
      const { id } = request.params;
      request.deed = { action: "message.remove", object: id };
      return known(await notifications.forget(id), id);
    },
  );
};
