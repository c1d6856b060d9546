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
