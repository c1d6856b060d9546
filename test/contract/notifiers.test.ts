import { createHmac } from "node:crypto";
import { CHANNEL_KINDS, type ChannelKind } from "@hashwatt/protocol/channelKinds";
import type { AlertView } from "@hashwatt/protocol/http";
import { type Clock, systemClock } from "@hashwatt/protocol/time";
import { type AlertMessage, messagesOf } from "@hashwatt/server/alerts/messages/alertMessage";
import type { ChannelConfig, Delivery, NotifierParts } from "@hashwatt/server/alerts/notifiers/notifier";
import { NOTIFIERS } from "@hashwatt/server/alerts/notifiers/registry";
import { targetGuard } from "@hashwatt/server/alerts/notifiers/targetGuard";
import { testAlert } from "@hashwatt/server/fixtures/alert";
import { Secret } from "@hashwatt/server/secret";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ByteReceiver } from "../support/byteReceiver.js";
import { type MailServer, startMailServer } from "../support/mailServer.js";

const SECRET = "s3cret-0123456789";
const PASSWORD = "mail-s3cret-pass";
const NASTY = '<b>*_`[x](http://evil.example)</b> @everyone <!channel> &amp; https://evil.example "';
const NOW_MS = Date.now();

/** Time limits of a tenth: what is promised is that they hold, not how long they are. */
const clock: Clock = {
  ...systemClock,
  deadline: (ms, signal) => systemClock.deadline(ms / 25, signal),
};

const alertOf = (id: string, more: Partial<AlertView> = {}): AlertView =>
  testAlert(id, {
    subject: { kind: "rig", id: `r${more.rig ?? 1}`, name: more.rigName ?? NASTY },
    rule: "overheating",
    severity: "danger",
    rigName: NASTY,
    model: NASTY,
    reason: `Chip 101 °C, limit 95 °C ${NASTY}`,
    pendingMs: NOW_MS - 600_000,
    firedMs: NOW_MS - 590_000,
    lossPerH: 1.25,
    currency: "USD",
    ...more,
  });
const messageOf = (alerts: AlertView[]): AlertMessage => ({
  ...messagesOf(alerts, 100, false, {
    why: "fired",
    sentMs: NOW_MS,
    link: "https://farm.example/alerts",
  })[0]!,
  id: "ops-1",
});

describe("every notifier", () => {
  const receiver = new ByteReceiver();
  const logged: string[] = [];
  const published: { topic: string; body: AlertMessage }[] = [];
  let mail: MailServer;
  let takes = true;
  const parts = (more: Partial<NotifierParts> = {}): NotifierParts => ({
    clock,
    log: pino({ level: "trace" }, { write: (line) => logged.push(line) }),
    world: {
      publicUrl: "https://farm.example",
      siteName: () => "North hall",
      zoneOf: () => "Asia/Shanghai",
    },
    publish: async (topic, body) => {
      if (takes) published.push({ topic, body: body as AlertMessage });
      return takes;
    },
    ...more,
  });
  const channelOf = (kind: ChannelKind): ChannelConfig => {
    const url = new Secret(`http://user:${SECRET}@127.0.0.1:${receiver.port}/${SECRET}`);
    const shared = { id: "ops", kind };
    if (kind === "email")
      return {
        ...shared,
        host: "127.0.0.1",
        port: mail.port,
        tls: "none",
        username: "ops",
        password: new Secret(PASSWORD),
        from: "hashwatt@farm.example",
        to: ["ann@farm.example", "bob@farm.example"],
      };
    if (kind === "mqtt" || kind === "log") return shared;
    if (kind === "webhook") return { ...shared, url, key: new Secret(SECRET) };
    if (kind === "telegram") return { ...shared, url, token: new Secret(SECRET), chat: "-100" };
    if (kind === "slack" || kind === "discord") return { ...shared, url };
    return { ...shared, url, token: new Secret(SECRET) };
  };
  const deliver = (kind: ChannelKind, message: AlertMessage, more: Partial<NotifierParts> = {}) =>
    NOTIFIERS[kind].open(channelOf(kind), parts(more)).deliver(message, new AbortController().signal);
  const mustBeSilent = (went: Delivery) =>
    expect(JSON.stringify(went)).not.toMatch(/s3cret|127\.0\.0\.1|farm\.example/);
  const overHttp = CHANNEL_KINDS.filter((kind) => !["email", "mqtt", "log"].includes(kind));

  beforeAll(async () => {
    await receiver.listen();
    mail = await startMailServer(`ops:${PASSWORD}`);
  });
  afterAll(async () => {
    receiver.close();
    await mail.close();
    expect(logged.join("")).not.toContain("s3cret");
  });

  test.each(CHANNEL_KINDS)("%s delivers what began, what ended and a test", async (kind) => {
    receiver.says = "HTTP/1.1 204 No Content\r\n\r\n";
    const test: AlertMessage = { v: 1, why: "test", sentMs: NOW_MS, alerts: [], more: 0 };
    const ended = alertOf("b", { state: "resolved", resolvedMs: NOW_MS });
    for (const message of [messageOf([alertOf("a"), ended]), test])
      expect(await deliver(kind, message)).toEqual({ kind: "delivered" });
  });

  test.each(overHttp)(
    "%s tries again after 5xx, 429, a reset and silence, and after nothing else",
    async (kind) => {
      const message = messageOf([alertOf("a")]);
      for (const [status, expected] of [
        ["500 Oh", { kind: "retry" }],
        ["503 Oh", { kind: "retry" }],
        ["429 Slow\r\nretry-after: 7", { kind: "retry", afterMs: 7_000 }],
        ["400 Bad", { kind: "refused" }],
        ["401 No", { kind: "refused" }],
        ["404 Gone", { kind: "refused" }],
        ["302 There\r\nlocation: http://127.0.0.1:1/", { kind: "refused" }],
      ] as const) {
        receiver.says = `HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`;
        const went = await deliver(kind, message);
        expect(went, status).toMatchObject(expected);
        mustBeSilent(went);
      }
      receiver.says = "reset";
      const reset = await deliver(kind, message);
      expect(reset).toMatchObject({ kind: "retry" });
      mustBeSilent(reset);
      receiver.says = "";
      const silent = await deliver(kind, message);
      expect(silent).toMatchObject({ kind: "retry", reason: "no answer within 10 s" });
      mustBeSilent(silent);
      receiver.says = "flood";
      expect(await deliver(kind, message)).toEqual({ kind: "delivered" });
    },
  );

  test.each([...overHttp, "email" as const])("%s does not go where a stranger sends it", async (kind) => {
    const asked = receiver.asked.length;
    const went = await deliver(kind, messageOf([alertOf("a")]), { guard: targetGuard() });
    expect(went).toMatchObject({ kind: "refused", reason: expect.stringContaining("private or local") });
    mustBeSilent(went);
    expect(receiver.asked).toHaveLength(asked);
  });

  test.each(CHANNEL_KINDS)("%s tells ten thousand in a page, and no rig writes its markup", async (kind) => {
    receiver.says = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    const { most, whole = false } = NOTIFIERS[kind].manner;
    const many = Array.from({ length: 10_000 }, (_, i) => alertOf(`a${i}`, { rule: "offline" }));
    const [message] = messagesOf(many, most, whole, { why: "fired", sentMs: NOW_MS });
    const asked = receiver.asked.length;
    expect(await deliver(kind, message!)).toEqual({ kind: "delivered" });
    expect(await deliver(kind, messageOf([alertOf("a")]))).toEqual({ kind: "delivered" });
    const bodies = kind === "email" ? mail.mails.slice(-2).map(({ text }) => text) : [];
    bodies.push(...receiver.asked.slice(asked).map(({ body }) => body));
    for (const body of bodies) {
      if (NOTIFIERS[kind].manner.human) expect(body.length).toBeLessThan(8_000);
      if (NOTIFIERS[kind].manner.human) expect(body).not.toContain("https://evil.example");
    }
    const parsed = kind === "email" ? [] : bodies.map((body) => JSON.parse(body));
    if (kind === "telegram") {
      const text: string = parsed[1].text;
      expect(text.replace(/<\/?b>|<a href="https:\/\/farm\.example[^"<>]*">|<\/a>/g, "")).not.toMatch(/[<>]/);
      expect(text).toContain("&lt;b&gt;");
    }
    if (kind === "discord") {
      expect(parsed[1].allowed_mentions).toEqual({ parse: [] });
      expect(parsed[1].content).toContain("\\<b\\>\\*\\_\\`\\[x\\]\\(http\\: //evil\\.example\\)");
      expect(parsed[0].content.length).toBeLessThan(2_000);
    }
    if (kind === "slack")
      for (const block of parsed[1].blocks)
        if (block.type === "section") expect(block.text.type).toBe("plain_text");
        else expect(JSON.stringify(block)).not.toContain("evil");
    if (kind === "slack") expect(parsed[1].text).toContain("&lt;!channel&gt;");
    if (kind === "ntfy") expect(parsed[0]).toMatchObject({ topic: SECRET, priority: 5 });
  });

  test("a message for people says what, where, since when, how bad, what it costs, what to try, and where to look", async () => {
    receiver.says = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    await deliver(
      "ntfy",
      messageOf([alertOf("a", { rigName: "rig 7", model: "S19", reason: "Chip 101 °C, limit 95 °C" })]),
    );
    const { message, title, click } = JSON.parse(receiver.asked.at(-1)!.body);
    expect(title).toBe("DANGER: rig 7: overheating");
    for (const part of [
      "Where: S19, North hall",
      "Chip 101 °C, limit 95 °C",
      "(Asia/Shanghai), 10 min",
      "Costs: 1.25 USD per hour",
      "Try: check its fans",
    ])
      expect(message).toContain(part);
    expect(click).toBe("https://farm.example/rigs/r1");
  });

  test("a webhook is signed over its time and body, and says which delivery it is", async () => {
    await deliver("webhook", messageOf([alertOf("a")]));
    const { head, body } = receiver.asked.at(-1)!;
    const [, t, v1] = /^x-hashwatt-signature: t=(\d+),v1=([0-9a-f]{64})\r?$/im.exec(head) ?? [];
    expect(v1).toBe(createHmac("sha256", SECRET).update(`${t}.${body}`).digest("hex"));
    expect(head).toMatch(/^x-hashwatt-delivery: ops-1\r?$/im);
  });

  test("MQTT tells each site of its own alerts, and tries again while the broker is away", async () => {
    published.length = 0;
    await deliver("mqtt", messageOf([alertOf("a"), alertOf("b", { site: "south" })]));
    expect(published.map(({ topic, body }) => [topic, body.alerts.map(({ id }) => id)])).toEqual([
      ["hashwatt/v1/north/alerts", ["a"]],
      ["hashwatt/v1/south/alerts", ["b"]],
    ]);
    takes = false;
    expect(await deliver("mqtt", messageOf([alertOf("a")]))).toMatchObject({ kind: "retry" });
    takes = true;
  });

  test("e-mail is a conversation: logs in, names everybody, says both forms, and knows for-now from never", async () => {
    const message = messageOf([alertOf("a")]);
    mail.mails.length = 0;
    expect(await deliver("email", message)).toEqual({ kind: "delivered" });
    const [first] = mail.mails;
    expect(first).toMatchObject({ login: `ops:${PASSWORD}`, to: ["ann@farm.example", "bob@farm.example"] });
    expect(first?.text).toMatch(/^Subject: .*DANGER/m);
    expect(first?.text).toContain("<ops-1@hashwatt.invalid>");
    expect(first?.text).toMatch(/text\/plain[\s\S]*text\/html/);
    const channel = { ...channelOf("email"), to: ["gone@farm.example"] };
    const send = (config: ChannelConfig) =>
      NOTIFIERS.email.open(config, parts()).deliver(message, new AbortController().signal);
    mail.refuse = "451 4.3.0 later";
    const later = await send(channel);
    expect(later).toMatchObject({ kind: "retry" });
    mail.refuse = "550 5.1.1 nobody there";
    const never = await send(channel);
    expect(never).toMatchObject({ kind: "refused" });
    const wrong = await send({ ...channel, password: new Secret("mail-s3cret-wrong") });
    expect(wrong).toMatchObject({ kind: "refused", reason: expect.stringContaining("refuses the login") });
    const open = await send({ ...channel, tls: "starttls" });
    expect(open).toMatchObject({ kind: "retry", reason: expect.stringContaining("no encryption") });
    receiver.says = "";
    const silent = await send({ ...channel, port: receiver.port });
    expect(silent).toMatchObject({ kind: "retry", reason: "no answer within 20 s" });
    for (const went of [later, never, wrong, open, silent]) mustBeSilent(went);
  });
});
