import type { Health, RigDetail, Series, Totals } from "@hashwatt/protocol/http";
import { airSeriesSchema, type MeterView } from "@hashwatt/protocol/meters";
import { systemClock } from "@hashwatt/protocol/time";
import { agentTopic } from "@hashwatt/protocol/topics";
import { configSchema } from "@hashwatt/server/config/schema";
import { startServer } from "@hashwatt/server/server";
import { connectAsync, type MqttClient } from "mqtt";
import { pino } from "pino";
import { afterEach, describe, expect, test } from "vitest";
import { startMosquitto } from "../support/mosquitto.js";
import { freePort } from "../support/ports.js";
import { programs } from "../support/programs.js";
import { scratch } from "../support/stack.js";
import { until } from "../support/wait.js";

const PLUG = "shellyplugsg3-a0dd6c/status/switch:0";
const RACK = "tele/rack-a/SENSOR";
const PHASES = [0, 1, 2].map((phase) => `shellies/shellyem3-feeder/emeter/${phase}/power`);
const AIR = "shellies/shellyht-hall/sensor/temperature";

/** Rig 1 on a plug, rigs 1 and 2 in a rack with a meter, the site behind three phases, and a sensor for the air. */
const METERS = [
  { meter: "plug-1", site: "farm", at: "rig", topic: PLUG, preset: "shelly", rigs: ["10.0.0.1"] },
  { meter: "rack-a", site: "farm", at: "rack", topic: RACK, preset: "tasmota", rigs: ["10.0.0.0/29"] },
  ...PHASES.map((topic, i) => ({
    meter: `phase-${i}`,
    site: "farm",
    at: "site",
    topic,
    preset: "shelly-gen1",
  })),
  { meter: "hall", site: "farm", at: "ambient", topic: AIR, preset: "shelly-gen1-temperature" },
];
const USERS = [
  { name: "farm/a1", password: "secret of a1" },
  {
    name: "plugs",
    password: "secret of plugs",
    topics: ["shellyplugsg3-a0dd6c/#", RACK, "shellies/+/emeter/+/power", AIR],
  },
];

const closing: (() => unknown)[] = [];
afterEach(async () => {
  while (closing.length) await closing.pop()!();
});

type BrokerConfig = { url: string } | { embedded: { port: number; users: typeof USERS } };
const embedded = async (): Promise<BrokerConfig> => ({ embedded: { port: 0, users: USERS } });
async function mosquitto(): Promise<BrokerConfig> {
  const folder = scratch("meters");
  const port = await freePort();
  const broker = await startMosquitto({ port, folder: folder.path });
  closing.push(async () => {
    await broker.stop();
    folder.remove();
  });
  return { url: `mqtt://127.0.0.1:${port}` };
}
const BROKERS: [string, () => Promise<BrokerConfig>][] = [["the embedded broker", embedded]];
if (programs.mosquitto) BROKERS.push(["mosquitto", mosquitto]);

describe.each(BROKERS)("meters on %s", (_, brokerOf) => {
  test("outrank the rigs' own figures, are shared once, and price the site", async () => {
    const broker = await brokerOf();
    const data = scratch("metered");
    closing.push(() => data.remove());
    const server = await startServer(
      configSchema.parse({
        http: { port: 0 },
        broker,
        store: { dataDir: data.path },
        sites: [{ site: "farm", price: 0.06 }],
        meters: METERS,
        flushMs: 20,
        liveFlushMs: 20,
      }),
      "0.1.0",
      systemClock,
      pino({ level: "silent" }),
    );
    closing.push(() => server.close());
    const url = "url" in broker ? broker.url : server.mqttUrl!;
    const join = async (name: string): Promise<MqttClient> => {
      const client = await connectAsync(url, {
        username: name,
        password: `secret of ${name.replace("farm/", "")}`,
      });
      closing.push(() => client.endAsync(true));
      return client;
    };
    const [agent, plugs] = await Promise.all([join("farm/a1"), join("plugs")]);
    const get = async <T>(path: string): Promise<T> =>
      (await fetch(`${server.url}${path}`)).json() as Promise<T>;

    let seq = 0;
    const poll = () => {
      const atMs = Date.now();
      const rig = (handle: string, powerW: number) => ({
        rig: handle,
        atMs,
        intervalMs: 5_000,
        status: "mining",
        algo: "SHA256",
        hashrateThs: 100,
        powerW,
        powerSource: "psu",
      });
      return agent.publishAsync(
        agentTopic("farm", "a1", "batch"),
        JSON.stringify({
          v: 1,
          stream: "meters",
          live: true,
          seq: ++seq,
          first: 1,
          boot: "b",
          monoMs: seq,
          sentMs: atMs,
          ...(seq === 1 && { rigs: { one: { address: "10.0.0.1" }, two: { address: "10.0.0.2" } } }),
          samples: [rig("one", 3_000), rig("two", 3_000)],
        }),
        { qos: 1 },
      );
    };
    const measure = async () => {
      await plugs.publishAsync(
        PLUG,
        JSON.stringify({ id: 0, output: true, apower: 3_210.5, aenergy: { total: 1_234.5 } }),
      );
      await plugs.publishAsync(
        RACK,
        JSON.stringify({ Time: "2026-11-26T12:00:00", ENERGY: { Total: 812.3, Power: 6_310.5 } }),
      );
      for (const topic of PHASES) await plugs.publishAsync(topic, "2200.00");
      await plugs.publishAsync(AIR, "18.4");
    };
    // Messages go on until the answer is right: of one that comes before the server listens nobody is told.
    const settled = await until(
      "every meter is in the totals",
      async () => {
        await measure();
        await poll();
        const totals = await get<Totals>("/api/totals");
        const [site] = totals.sites;
        return site?.metered?.powerW === 6_600 && site.powerBySource.meter === 6_310.5 ? totals : undefined;
      },
      60_000,
    );
    const [site] = settled.sites;
    expect(site).toMatchObject({
      powerW: 6_310.5,
      powerBySource: { meter: 6_310.5 },
      metered: { meters: ["phase-0", "phase-1", "phase-2"], powerW: 6_600, overheadW: 289.5, silentW: 0 },
    });
    expect(site!.metered!.overheadRatio).toBeCloseTo(6_600 / 6_310.5, 9);
    expect(site!.money[0]!.costPerH).toBeCloseTo(6.6 * 0.06, 9);
    expect(settled.fleet.money[0]!.costPerH).toBeCloseTo(6.6 * 0.06, 9);

    const [one, two] = [await get<RigDetail>("/api/rigs/r1"), await get<RigDetail>("/api/rigs/r2")];
    const byAddress = new Map([one, two].map((detail) => [detail.evidence.address, detail]));
    expect(byAddress.get("10.0.0.1")).toMatchObject({
      sample: { powerW: 3_210.5, powerSource: "meter" },
      meter: { meter: "plug-1", at: "rig", meterW: 3_210.5, ownW: 3_000, ownSource: "psu" },
    });
    expect(byAddress.get("10.0.0.2")).toMatchObject({
      sample: { powerW: 3_100, powerSource: "meter" },
      meter: { meter: "rack-a", at: "rack", meterW: 6_310.5, rigs: 2 },
    });

    const meters = new Map((await get<MeterView[]>("/api/meters")).map((view) => [view.meter, view]));
    expect(meters.get("hall")).toMatchObject({ at: "ambient", unit: "°C", value: 18.4 });
    expect(settled.sites[0]).toMatchObject({
      air: [{ meter: "hall", at: "ambient", unit: "°C", value: 18.4 }],
      meters: { meters: 6, silent: 0 },
    });
    await until("the air has a history", async () => {
      await measure();
      const { sensors } = airSeriesSchema.parse(await get("/api/sites/farm/air?step=300000"));
      expect(sensors).toMatchObject([{ meter: "hall", value: 18.4 }]);
      return sensors[0]!.columns.mean.findLast((mean) => mean !== null) === 18.4;
    });
    expect((await fetch(`${server.url}/api/sites/none/air`)).status).toBe(404);
    expect(meters.get("rack-a")).toMatchObject({
      value: 6_310.5,
      shares: { meteredW: 3_210.5, sharedW: 3_100, restW: 0 },
    });
    expect(Date.now() - meters.get("plug-1")!.atMs!).toBeLessThan(60_000);

    // The site's history costs what its meters say, not what its rigs do.
    await until("the history has a step of the meters", async () => {
      const from = Date.now() - 60_000;
      await measure();
      await poll();
      const series = await get<Series>(`/api/sites/farm/series?from=${from}&step=1000&fields=costPerH`);
      return series.columns.costPerH?.some((cost) => cost !== null && Math.abs(cost - 6.6 * 0.06) < 1e-6);
    });

    // A meter's user has no business with agents' topics, nor an agent's with meters'.
    if (!("embedded" in broker)) return;
    plugs.publish(agentTopic("farm", "a1", "status"), "{}");
    agent.publish(PLUG, "1");
    await until("both are refused", async () => {
      const { refusals } = await get<Health>("/api/health");
      return refusals.find(({ kind, count }) => kind === "mqtt-publish" && count === 2);
    });
  });
});
