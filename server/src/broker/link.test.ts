import { systemClock } from "@hashwatt/protocol/time";
import { connectAsync } from "mqtt";
import { pino } from "pino";
import { expect, test } from "vitest";
import { Refusals } from "../refusals.js";
import { startEmbeddedBroker } from "./embedded.js";
import { BrokerLink } from "./link.js";

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
          links.push(new BrokerLink({ url: broker.url }, { message, up, down: () => {} }, log));
        }),
      );
    });
  }
  const agent = await connectAsync(broker.url, { clientId: "hashwatt-hall-a1", protocolVersion: 4 });
  await agent.publishAsync("hashwatt/v1/hall/agent/a1/batch", "said once", { qos: 1 });
  expect(await Promise.all(heard)).toEqual(["said once", "said once"]);
  await agent.endAsync();
  for (const link of links) await link.close(systemClock, 1_000);
  await broker.close();
});
