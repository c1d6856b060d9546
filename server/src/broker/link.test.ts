import { createServer } from "node:net";
import { type Clock, systemClock } from "@hashwatt/protocol/time";
import { Aedes } from "aedes";
import { connectAsync } from "mqtt";
import { pino } from "pino";
import { expect, test } from "vitest";
import { Refusals } from "../refusals.js";
import { startEmbeddedBroker } from "./embedded.js";
import { BrokerLink } from "./link.js";

test("a broker that refuses what the server would hear is asked again, seldomer each time, until it allows it", async () => {
  const aedes = await Aedes.createBroker();
  let isAllowed = false;
  aedes.authorizeSubscribe = (_client, subscription, done) => done(null, isAllowed ? subscription : null);
  const net = createServer(aedes.handle);
  await new Promise<void>((resolve) => net.listen(0, "127.0.0.1", resolve));
  const url = `mqtt://127.0.0.1:${(net.address() as { port: number }).port}`;
  const waits: number[] = [];
  const clock: Clock = {
    ...systemClock,
    after(ms, run) {
      waits.push(ms);
      if (waits.length === 3) isAllowed = true;
      return systemClock.after(1, run);
    },
  };
  const said: { msg: string; why?: string }[] = [];
  const log = pino({}, { write: (line: string) => void said.push(JSON.parse(line)) });
  const heard: string[] = [];
  const link = await new Promise<BrokerLink>((resolve) => {
    const message = async (topic: string) => void heard.push(topic);
    const address = { url, meters: ["shelly/1"] };
    const opened: BrokerLink = new BrokerLink(
      address,
      { message, up: () => resolve(opened), down: () => {} },
      clock,
      log,
    );
  });
  expect(waits).toEqual([2_000, 4_000, 8_000]);
  expect(link.problem).toBeUndefined();
  expect(said.map(({ msg }) => msg)).toEqual([
    "broker not reachable",
    "the broker refuses topics of meters: let the server's user read them",
    "broker connected",
  ]);
  expect(said[0]?.why).toBe("the broker refuses the subscription to hashwatt/v1/+/agent/+/batch");
  const agent = await connectAsync(url);
  for (const topic of ["hashwatt/v1/s/agent/a/batch", "shelly/1"])
    await agent.publishAsync(topic, "x", { qos: 1 });
  await expect.poll(() => heard).toEqual(["hashwatt/v1/s/agent/a/batch", "shelly/1"]);
  await agent.endAsync();
  await link.close(1_000);
  await new Promise<void>((resolve) => aedes.close(() => resolve()));
  await new Promise<void>((resolve) => net.close(() => resolve()));
});

test("two servers at one broker, each the first process of its container, both hear an agent", async () => {
  const log = pino({ level: "silent" });
  const broker = await startEmbeddedBroker(
    { host: "127.0.0.1", port: 0 },
    systemClock,
    new Refusals(() => 0),
    log,
  );
  const links: BrokerLink[] = [];
  const heard: Promise<string>[] = [];
  for (let servers = 0; servers < 2; servers++) {
    await new Promise<void>((up) => {
      heard.push(
        new Promise<string>((hears) => {
          const message = async (_topic: string, payload: Buffer) => hears(payload.toString());
          links.push(new BrokerLink({ url: broker.url }, { message, up, down: () => {} }, systemClock, log));
        }),
      );
    });
  }
  const agent = await connectAsync(broker.url, { clientId: "hashwatt-hall-a1", protocolVersion: 4 });
  await agent.publishAsync("hashwatt/v1/hall/agent/a1/batch", "said once", { qos: 1 });
  expect(await Promise.all(heard)).toEqual(["said once", "said once"]);
  await agent.endAsync();
  for (const link of links) await link.close(1_000);
  await broker.close();
});
