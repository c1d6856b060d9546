import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, createServer as createTcp } from "node:net";
import type { AlertView } from "@hashwatt/protocol/http";
import { type FakeClock, fakeClock, systemClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { afterEach, describe, expect, test } from "vitest";
import { Secret } from "../secret.js";
import { MemoryStateStore } from "../store/state/memory.js";
import { Notifications } from "./notifications.js";
import type { AlertMessage, Delivery, Notifier } from "./notifiers/notifier.js";
import { webhook } from "./notifiers/webhook.js";

const alert = (id: string): AlertView => ({
  id,
  rule: "offline",
  severity: "money",
  state: "firing",
  site: "s",
  rig: 1,
  subject: { kind: "rig", id: "r1", name: "n" },
  rigName: "n",
  pendingMs: 0,
  firedMs: 1,
  resolvedMs: null,
  value: 5,
  limit: 5,
  unit: "min",
  reason: "No answer",
  lossPerH: null,
});

class ScriptedNotifier implements Notifier {
  readonly id = "scripted";
  readonly bodies: AlertMessage[] = [];
  constructor(public next: Delivery) {}
  async deliver(body: unknown): Promise<Delivery> {
    this.bodies.push(body as AlertMessage);
    return this.next;
  }
}

describe("notifications", () => {
  const log = pino({ level: "silent" });
  const setUp = async (notifier: ScriptedNotifier, clock: FakeClock, store = new MemoryStateStore()) => {
    const notifications = new Notifications([notifier], store, clock, log);
    await notifications.start();
    return { notifications, store };
  };

  test("are delivered as one message for alerts that fire together, and forgotten", async () => {
    const [clock, notifier] = [fakeClock(1_000), new ScriptedNotifier({ kind: "delivered" })];
    const { notifications, store } = await setUp(notifier, clock);
    await notifications.send(Array.from({ length: 130 }, (_, i) => alert(`a${i}`)));
    await clock.advance(10);
    expect(notifier.bodies).toHaveLength(1);
    expect(notifier.bodies[0]).toMatchObject({ v: 1, more: 30 });
    expect(notifier.bodies[0]?.alerts).toHaveLength(100);
    expect(await store.notifications()).toEqual([]);
    await notifications.close();
  });

  test("say nothing of a round that is kept quiet", async () => {
    const [clock, notifier] = [fakeClock(1_000), new ScriptedNotifier({ kind: "delivered" })];
    const { notifications } = await setUp(notifier, clock);
    await notifications.send([{ ...alert("a"), rounds: 2, quietUntilMs: 9_000 }]);
    await clock.advance(10);
    expect(notifier.bodies).toEqual([]);
    await notifications.send([{ ...alert("a"), rounds: 2, quietUntilMs: 9_000 }, alert("b")]);
    await clock.advance(10);
    expect(notifier.bodies.map(({ alerts }) => alerts.map(({ id }) => id))).toEqual([["b"]]);
    await notifications.close();
  });

  test("are tried again with growing pauses until they arrive", async () => {
    const [clock, notifier] = [
      fakeClock(1_000),
      new ScriptedNotifier({ kind: "retry", reason: "the receiver answered 503" }),
    ];
    const { notifications } = await setUp(notifier, clock);
    await notifications.send([alert("a")]);
    await clock.advance(4_999);
    expect(notifier.bodies).toHaveLength(1);
    await clock.advance(5_000 + 10_000 + 20_000);
    expect(notifier.bodies).toHaveLength(4);
    expect(notifications.problem).toBe("the receiver answered 503");
    notifier.next = { kind: "delivered" };
    await clock.advance(60_000);
    expect(notifications.queued).toBe(0);
    expect(notifications.problem).toBeUndefined();
    await notifications.close();
  });

  test("wait as long as the receiver asks", async () => {
    const [clock, notifier] = [
      fakeClock(1_000),
      new ScriptedNotifier({ kind: "retry", reason: "429", afterMs: 120_000 }),
    ];
    const { notifications } = await setUp(notifier, clock);
    await notifications.send([alert("a")]);
    await clock.advance(119_000);
    expect(notifier.bodies).toHaveLength(1);
    await clock.advance(2_000);
    expect(notifier.bodies).toHaveLength(2);
    await notifications.close();
  });

  test("that are refused for good are given up, and an event says so", async () => {
    const [clock, notifier] = [
      fakeClock(1_000),
      new ScriptedNotifier({ kind: "refused", reason: "the receiver answered 404" }),
    ];
    const { notifications, store } = await setUp(notifier, clock);
    await notifications.send([alert("a")]);
    await clock.advance(600_000);
    expect(notifier.bodies).toHaveLength(1);
    expect(notifications.givenUp).toBe(1);
    expect((await store.events(0, 9))[0]).toMatchObject({ kind: "notification-lost" });
    await notifications.close();
  });

  test("outlive a restart", async () => {
    const clock = fakeClock(1_000);
    const first = await setUp(new ScriptedNotifier({ kind: "retry", reason: "down" }), clock);
    await first.notifications.send([alert("a")]);
    await clock.advance(100);
    await first.notifications.close();
    const notifier = new ScriptedNotifier({ kind: "delivered" });
    const second = await setUp(notifier, clock, first.store);
    await clock.advance(60_000);
    expect(notifier.bodies[0]?.alerts[0]?.id).toBe("a");
    await second.notifications.close();
  });

  test("keep at most a thousand messages, the newest", async () => {
    const [clock, notifier] = [fakeClock(1_000), new ScriptedNotifier({ kind: "retry", reason: "down" })];
    const { notifications } = await setUp(notifier, clock);
    for (let i = 0; i < 1_010; i++) await notifications.send([alert(`a${i}`)]);
    expect(notifications.queued).toBe(1_000);
    expect(notifications.givenUp).toBe(10);
    await notifications.close();
  });

  test("without anybody to tell are not queued at all", async () => {
    const store = new MemoryStateStore();
    const notifications = new Notifications([], store, fakeClock(0), log);
    await notifications.start();
    await notifications.send([alert("a")]);
    expect(await store.notifications()).toEqual([]);
    await notifications.close();
  });
});

describe("the webhook", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());
  const answering = async (status: number, headers: Record<string, string> = {}) => {
    const requests: { request: IncomingMessage; body: string }[] = [];
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => {
        body += part.toString();
      });
      request.on("end", () => {
        requests.push({ request, body });
        response.writeHead(status, headers).end();
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return { url: new Secret(`http://127.0.0.1:${port}/secret-path`), requests };
  };
  const deliver = (url: Secret) => webhook(url, systemClock).deliver({ v: 1 }, new AbortController().signal);

  test("posts JSON", async () => {
    const { url, requests } = await answering(204);
    expect(await deliver(url)).toEqual({ kind: "delivered" });
    expect(requests[0]).toMatchObject({ body: '{"v":1}', request: { method: "POST", url: "/secret-path" } });
    expect(requests[0]?.request.headers["content-type"]).toBe("application/json");
  });

  test("sends the user and password of its address as HTTP Basic", async () => {
    const { url, requests } = await answering(204);
    const at = (user: string) => new Secret(url.reveal().replace("http://", `http://${user}@`));
    for (const user of ["ann:p%40ss%", "token"])
      expect(await deliver(at(user))).toEqual({ kind: "delivered" });
    expect(requests.map(({ request }) => request.headers.authorization)).toEqual(
      ["ann:p%40ss%", "token:"].map((user) => `Basic ${Buffer.from(user).toString("base64")}`),
    );
    expect(requests[0]?.request.url).toBe("/secret-path");
  });

  test.each([
    [500, "retry"],
    [503, "retry"],
    [429, "retry"],
    [400, "refused"],
    [401, "refused"],
    [404, "refused"],
    [302, "refused"],
  ])("takes %i as a reason to %s", async (status, kind) => {
    const { url } = await answering(status, { location: "http://127.0.0.1:1/" });
    const went = await deliver(url);
    expect(went).toMatchObject({ kind, reason: `the receiver answered ${status}` });
  });

  test.each([
    [
      "an upgrade",
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
      "refused",
    ],
    ["a body without an end", `HTTP/1.1 204 No Content\r\n\r\n${"x".repeat(100_000)}`, "delivered"],
    ["a body that stops", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx", "delivered"],
    ["headers without an end", `HTTP/1.1 200 OK\r\n${"x-a: b\r\n".repeat(20_000)}`, "retry"],
    ["no HTTP", "SSH-2.0-OpenSSH\r\n", "retry"],
    ["nothing", "", "retry"],
  ])("takes %s for what it is, and the next message does not suffer from it", async (_what, text, kind) => {
    const said = [text, "HTTP/1.1 204 No Content\r\n\r\n"];
    let connections = 0;
    const raw = createTcp((socket) => {
      socket.on("error", () => {});
      const answer = said[connections++];
      socket.once("data", () => (answer ? socket.write(answer) : socket.end()));
    });
    await new Promise<void>((resolve) => raw.listen(0, "127.0.0.1", resolve));
    try {
      const url = new Secret(`http://127.0.0.1:${(raw.address() as AddressInfo).port}/secret-path`);
      expect(await deliver(url)).toMatchObject({ kind });
      expect(await deliver(url)).toEqual({ kind: "delivered" });
      expect(connections).toBe(2);
    } finally {
      await new Promise<void>((resolve) => raw.close(() => resolve()));
    }
  });

  test("obeys Retry-After within reason", async () => {
    const { url } = await answering(429, { "retry-after": "7" });
    expect(await deliver(url)).toMatchObject({ afterMs: 7_000 });
  });

  test("never names its address when it cannot be reached", async () => {
    const went = await deliver(new Secret("http://127.0.0.1:9/secret-path"));
    expect(went.kind).toBe("retry");
    expect(JSON.stringify(went)).not.toMatch(/secret-path|127\.0\.0\.1/);
  });
});
