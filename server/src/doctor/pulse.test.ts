import { createServer } from "node:http";
import { systemClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { configSchema } from "../config/schema.js";
import { loadConfig, type ServerConfig } from "../config.js";
import { startServer } from "../server.js";
import { feelPulse } from "./pulse.js";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0)) await step();
});

/** The config of a server at a port; its folder is not on this disk. */
function at(port: number, host = "127.0.0.1"): ServerConfig {
  const config = configSchema.parse({ http: { port }, store: { dataDir: "/none" } });
  return { ...config, http: { ...config.http, host } };
}

/** A program that answers everything alike; its port. */
async function answering(status: number, body: string): Promise<number> {
  const server = createServer((_request, reply) => reply.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp.push(() => server.close());
  return (server.address() as { port: number }).port;
}

test("a server whose broker is away is alive, and what is wrong is said", async () => {
  const port = await answering(200, "");
  await cleanUp.pop()!();
  const config = loadConfig(undefined, {
    HASHWATT_SERVER_HTTP_PORT: "0",
    HASHWATT_SERVER_STORE_KIND: "memory",
    HASHWATT_SERVER_BROKER_URL: `mqtt://127.0.0.1:${port}`,
  });
  const server = await startServer(config, "0.1.0", systemClock, pino({ level: "silent" }));
  cleanUp.push(() => server.close());
  const listening = Number(new URL(server.url).port);
  const { alive, text } = await feelPulse(at(listening, "0.0.0.0"), systemClock);
  expect(alive).toBe(true);
  expect(text).toMatch(new RegExp(`^alive at http://127.0.0.1:${listening}; broker: `));
});

test("whoever wants a password is alive; silence, and an answer that is no Hashwatt's, are not", async () => {
  const locked = await answering(401, "{}");
  expect((await feelPulse(at(locked), systemClock)).alive).toBe(true);
  const guarded = await answering(200, '{"ok":false}');
  expect(await feelPulse(at(guarded), systemClock)).toEqual({
    alive: true,
    text: `alive at http://127.0.0.1:${guarded}; not all parts work`,
  });
  await cleanUp.pop()!();
  const foreign = await answering(200, "<html>");
  expect((await feelPulse(at(foreign), systemClock)).alive).toBe(false);
  await cleanUp.pop()!();
  expect(await feelPulse(at(foreign), systemClock)).toEqual({
    alive: false,
    text: `no Hashwatt server answers at http://127.0.0.1:${foreign} within 5 s`,
  });
});
