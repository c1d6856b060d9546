import { createServer, type Server } from "node:net";
import { BrokerLink } from "@hashwatt/agent/publisher/brokerLink";
import { systemClock } from "@hashwatt/protocol/time";
import { Aedes } from "aedes";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let aedes: Aedes;
let net: Server;
let link: BrokerLink;
/** Confirmations that the broker holds back; undefined once it gives them. */
let held: (() => void)[] | undefined;
let confirmed = 0;

beforeEach(async () => {
  held = [];
  confirmed = 0;
  aedes = await Aedes.createBroker();
  aedes.authorizePublish = (_client, _packet, done) => (held ? held.push(() => done(null)) : done(null));
  net = createServer(aedes.handle);
  await new Promise<void>((resolve) => net.listen(0, "127.0.0.1", resolve));
  link = new BrokerLink({
    broker: { url: `mqtt://127.0.0.1:${(net.address() as { port: number }).port}` },
    clientId: "a1",
    will: { topic: "status", payload: "offline" },
    listen: "ack",
    clock: systemClock,
    log: pino({ enabled: false }),
    onUp: () => undefined,
    onDown: () => undefined,
    onMessage: () => undefined,
    onConfirmed: () => confirmed++,
  });
  await until(() => expect(link.up).toBe(true));
});
afterEach(async () => {
  link[Symbol.dispose]();
  await new Promise<void>((resolve) => aedes.close(() => resolve()));
  await new Promise<void>((resolve) => net.close(() => resolve()));
});
const until = (what: () => void) => vi.waitFor(what, { timeout: 15_000, interval: 10 });

const give = () => {
  const waiting = held;
  held = undefined;
  for (const done of waiting ?? []) done();
};

test.each([
  ["256 kB", 64, 4 * 1024],
  ["128 messages", 128, 100],
])(
  "what can wait does once %s of it are unconfirmed, and what cannot goes on",
  async (_name, most, bytes) => {
    let sent = 0;
    for (; link.unhurried; sent++) expect(link.publish("batch", Buffer.alloc(bytes))).toBe(true);
    expect(sent).toBe(most);
    expect(link.ready).toBe(true);
    expect(link.publish("batch", Buffer.alloc(bytes))).toBe(true);
    give();
    await until(() => expect(confirmed).toBe(most + 1));
    expect(link.unhurried).toBe(true);
  },
);

test("a message larger than all that may be unconfirmed goes alone", () => {
  expect(link.publish("batch", Buffer.alloc(600 * 1024))).toBe(true);
  expect(link.unhurried).toBe(false);
});

test("a broker that refuses the agent is told once, with the user and what to correct, and without the password", async () => {
  let tries = 0;
  aedes.authenticate = (_client, _user, _password, done) => {
    tries++;
    done(Object.assign(new Error("no"), { returnCode: 4 }) as never, false);
  };
  const logged: { trouble?: string }[] = [];
  using refused = new BrokerLink({
    broker: {
      url: `mqtt://127.0.0.1:${(net.address() as { port: number }).port}`,
      username: "rack-1",
      password: "hunter2",
      advice: "correct the first line of /etc/password",
    },
    clientId: "a2",
    will: { topic: "status", payload: "offline" },
    listen: "ack",
    clock: systemClock,
    log: pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) }),
    onUp: () => undefined,
    onDown: () => undefined,
    onMessage: () => undefined,
    onConfirmed: () => undefined,
  });
  await until(() => expect(logged).not.toEqual([]));
  // Another try is refused for the same reason, and there is no more to say.
  await until(() => expect(tries).toBeGreaterThanOrEqual(2));
  expect(refused.up).toBe(false);
  expect(logged.map(({ trouble }) => trouble)).toEqual([
    'the broker refuses user "rack-1": correct the first line of /etc/password, then start the agent again',
  ]);
  expect(JSON.stringify(logged)).not.toContain("hunter2");
});
