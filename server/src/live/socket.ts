import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { checked } from "@hashwatt/protocol/checked";
import { type Channel, NO_PLACE, SESSION_OVER } from "@hashwatt/protocol/live";
import { writtenOut } from "@hashwatt/protocol/plainText";
import type { Clock } from "@hashwatt/protocol/time";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import type { Access } from "../access/access.js";
import type { Grant } from "../access/grant.js";
import { reaches } from "../access/role.js";
import { nearestName } from "../config/nearestName.js";
import type { Connections } from "../connections.js";
import { rawError } from "../http/apiErrors.js";
import { whyUnknown } from "../http/gate.js";
import type { HostGuard } from "../http/hostGuard.js";
import { channelRole, routeRole } from "../http/routeRoles.js";
import type { Refusals } from "../refusals.js";
import type { Replays } from "../replay/replays.js";
import type { HubClient } from "./channel.js";
import { HEARTBEAT_MS, type Hub } from "./hub.js";
import { answerInHttp, asksForWebSocket } from "./otherProtocol.js";
import { MAX_PLACES, Places } from "./places.js";

const PATH = "/live";
/** Bounds of what clients may take; of those for whom there is no place so many are told so at a time. */
const MAX_TURNED_AWAY = 64;
const MAX_SUBSCRIPTIONS = 64;
const MAX_FRAME_BYTES = 4_096;
const MAX_BAD_FRAMES = 20;
/** A client whose login is over may take so long to close its side. */
const GOODBYE_MS = 1_000;
/** A connection with this much unsent gets no heartbeat either: it would only wait in line. */
const HEARTBEAT_BELOW_BYTES = 1024 * 1024;
/** A connection with more unsent than a few snapshots of the largest fleet is not read by anybody. */
const PONG_BELOW_BYTES = 4 * 1024 * 1024;

/** Channels, and how each is written. */
const CHANNELS = { totals: "totals", fleet: "fleet", alerts: "alerts", "rig:<id>": "rig:r[1-9]\\d{0,8}" };
const channel = z
  .string()
  .regex(new RegExp(`^(${Object.values(CHANNELS).join("|")})$`), "no such channel") as z.ZodType<Channel>;
const clientFrameSchema = z.discriminatedUnion("op", [
  z.strictObject({
    op: z.literal("subscribe"),
    channel,
    from: z.strictObject({ epoch: z.string().max(64), seq: z.int().min(0) }).optional(),
  }),
  z.strictObject({ op: z.literal("unsubscribe"), channel }),
]);
/** Every key that any frame may have. */
const FRAME_KEYS = ["op", "channel", "from", "epoch", "seq"];
/** Of a client's own words so much is said back. */
const MAX_QUOTED = 100;

/** The `/live` endpoint while it runs. */
export interface LiveSocket {
  /** The feed and its channels, as the table of roles names them. */
  readonly endpoints: readonly string[];
  readonly clients: number;
  /** Says goodbye to every client and takes no more. */
  close(): void;
}

/** What the feed goes by; `proxies` are believed whom they pass on. */
export interface LiveParts {
  guard: HostGuard;
  access: Access;
  refusals: Refusals;
  clock: Clock;
  replays?: Pick<Replays, "has" | "get" | "watch">;
  proxies?: readonly string[];
}

/** The HTTP server that the feed is served on, and what keeps its connections in bounds. */
export interface LiveServer {
  server: Server;
  connections?: Pick<Connections, "keep">;
}

/**
 * Serves the hub over WebSocket at `/live` of an HTTP server, to callers whose Host and Origin the guard lets in and whose
 * token or session says who they are; at `/live?replay=<id>` the hub of that replay. When a session ends, so do its connections. Who
 * finds no place is let in and told so by {@link NO_PLACE}: a browser's page learns nothing of an upgrade that is refused.
 */
export function serveLive(
  { server, connections }: LiveServer,
  hub: Hub,
  { guard, access, refusals, clock, replays, proxies }: LiveParts,
): LiveSocket {
  const places = new Places(proxies);
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    clientTracking: true,
    autoPong: false,
  });
  const grants = new WeakMap<WebSocket, Grant>();
  /** What each client is fed by: the live hub, or that of a replay. */
  const hubs = new WeakMap<WebSocket, Hub>();
  const turnAway = (socket: Duplex, status: number, why: string, headers?: Record<string, string>) => {
    refusals.note("live-connection", why);
    socket.end(rawError(status, why, headers));
    // One that does not end its side has nothing more to say here either.
    clock.after(GOODBYE_MS, () => socket.destroy());
  };
  sockets.on("wsClientError", ({ message }: Error, socket: Duplex, { method }: IncomingMessage) =>
    method === "GET"
      ? turnAway(socket, 400, message, { "sec-websocket-version": "13, 8" })
      : turnAway(socket, 405, message, { allow: "GET" }),
  );
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!asksForWebSocket(request)) return answerInHttp(server, request, socket, head);
    const refuse = (status: number, why: string) => turnAway(socket, status, why);
    socket.on("error", () => socket.destroy());
    const why = guard.whyNot(request.headers, access.isProgram(request.headers));
    if (why !== undefined) return refuse(403, why);
    const [path, search] = request.url?.split("?") ?? [];
    if (path !== PATH) return refuse(404, "no WebSocket at this path");
    const replay = new URLSearchParams(search).get("replay") ?? undefined;
    const grant = access.grantOf(request.headers);
    if (!grant) return refuse(401, whyUnknown(access.endedToken(request.headers)));
    if (!isFor(grant, routeRole("WS", PATH))) return refuse(403, `this is not for the role ${grant.role}`);
    if (sockets.clients.size >= MAX_PLACES + MAX_TURNED_AWAY)
      return refuse(503, `${sockets.clients.size} clients are connected`);
    if (replay !== undefined && !replays?.has(replay)) return refuse(404, "this replay has ended");
    sockets.handleUpgrade(request, socket, head, (client) => {
      const { remoteAddress: address } = request.socket;
      const place = places.take({ grant, address, forwardedFor: request.headers["x-forwarded-for"] });
      if (typeof place === "string") {
        refusals.note("live-connection", place);
        client.on("error", () => client.terminate());
        return sayGoodbye(client, NO_PLACE, place, clock);
      }
      client.on("close", () => place[Symbol.dispose]());
      connections?.keep(request.socket);
      const feed = replay === undefined ? hub : replays!.get(replay).hub;
      hubs.set(client, feed);
      attach(client, grant, feed, refusals, clock);
      grants.set(client, grant);
      if (replay !== undefined) endWithReplay(client, replays!, replay);
      endWith(client, access, grant, clock);
    });
  };
  server.on("upgrade", onUpgrade);
  const heartbeat = clock.every(HEARTBEAT_MS, () => {
    const beats = new Map<Hub, Buffer>();
    for (const client of sockets.clients) {
      const feed = hubs.get(client) ?? hub;
      const frame = beats.get(feed) ?? feed.heartbeat(clock.nowMs());
      beats.set(feed, frame);
      const grant = grants.get(client);
      if (!grant) continue;
      access.keep(grant);
      if (client.bufferedAmount < HEARTBEAT_BELOW_BYTES) client.send(frame, { binary: false });
    }
  });
  return {
    endpoints: [`WS ${PATH}`, ...Object.keys(CHANNELS).map((name) => `LIVE ${name}`)],
    get clients() {
      return places.taken;
    },
    close() {
      heartbeat[Symbol.dispose]();
      server.off("upgrade", onUpgrade);
      for (const client of sockets.clients) {
        client.close(1001, "the server stops");
        // A client that does not answer the goodbye must not hold the server up.
        client.terminate();
      }
      sockets.close();
    },
  };
}

const isFor = ({ role }: Grant, needed: ReturnType<typeof routeRole>): boolean =>
  needed === "public" || (needed !== undefined && reaches(role, needed));

/** Closes a connection when the login that let it in is over. */
function endWith(socket: WebSocket, access: Access, grant: Grant, clock: Clock): void {
  const watch = access.whenOver(grant, () => {
    sayGoodbye(socket, SESSION_OVER, "the session is over", clock);
  });
  socket.on("close", () => watch[Symbol.dispose]());
}

/** Closes a connection when its replay jumps or ends; after a jump it comes again and finds another hub. */
function endWithReplay(socket: WebSocket, replays: Pick<Replays, "watch">, id: string): void {
  const watch = replays.watch(id, () => socket.close(1012, "the replay went elsewhere or has ended"));
  socket.on("close", () => watch[Symbol.dispose]());
}

function sayGoodbye(socket: WebSocket, code: number, reason: string, clock: Clock): void {
  socket.close(code, reason);
  // Who does not answer the goodbye gets nothing more either.
  clock.after(GOODBYE_MS, () => socket.terminate());
}

function attach(socket: WebSocket, grant: Grant, hub: Hub, refusals: Refusals, clock: Clock): void {
  const client: HubClient = {
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(frame, { binary: false });
    },
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    end: (reason) => {
      refusals.note("live-client", reason);
      socket.close(1008, reason);
      socket.terminate();
    },
  };
  const subscribed = new Set<Channel>();
  let bad = 0;
  const complain = (message: string, ch?: string) => {
    refusals.note("live-frame", message);
    client.send(Buffer.from(JSON.stringify({ t: "error", ...(ch !== undefined && { ch }), message })));
    if (++bad >= MAX_BAD_FRAMES) client.end("too many frames that make no sense");
  };
  const take = (text: string) => {
    const frame = parseFrame(text);
    if (typeof frame === "string") return complain(frame);
    const nowMs = clock.nowMs();
    if (frame.op === "unsubscribe") {
      subscribed.delete(frame.channel);
      return hub.unsubscribe(client, frame.channel, nowMs);
    }
    if (!isFor(grant, channelRole(frame.channel)))
      return complain(`${frame.channel}: this is not for the role ${grant.role}`, frame.channel);
    if (!subscribed.has(frame.channel) && subscribed.size >= MAX_SUBSCRIPTIONS)
      return complain(`at most ${MAX_SUBSCRIPTIONS} channels at a time`, frame.channel);
    if (!hub.subscribe(client, frame.channel, frame.from, nowMs))
      return complain(`${frame.channel}: there is no such rig`, frame.channel);
    subscribed.add(frame.channel);
  };
  socket.on("message", (data) => {
    try {
      take(data.toString());
    } catch (error) {
      // What one client says must not end the server for all of them.
      refusals.note("internal", `live frame: ${String(error)}`);
      client.end("the frame met a defect of the server");
    }
  });
  socket.on("ping", (data) => {
    // Who asks for answers and reads none would have them wait here without a bound.
    if (socket.bufferedAmount > PONG_BELOW_BYTES) client.end("pings without reading the answers");
    else socket.pong(data);
  });
  socket.on("error", (error) => refusals.note("live-frame", error.message));
  socket.on("close", () => hub.drop(client, clock.nowMs()));
  client.send(hub.hello(clock.nowMs()));
}

function parseFrame(text: string): z.infer<typeof clientFrameSchema> | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'a frame is a JSON object such as {"op":"subscribe","channel":"fleet"}';
  }
  const parsed = checked(clientFrameSchema, json);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const unknown = issues.find((issue) => issue.code === "unrecognized_keys");
  if (unknown) {
    const key = writtenOut([...unknown.path, unknown.keys[0]!].join(".").slice(0, MAX_QUOTED));
    const near = nearestName(unknown.keys[0]!.slice(0, MAX_QUOTED), FRAME_KEYS);
    return `${key}: is no key of a frame${near === undefined ? "" : `; did you mean ${near}?`}`;
  }
  const issue = issues[0];
  return `${issue?.path.join(".") || "frame"}: ${issue?.message ?? "invalid"}`;
}
