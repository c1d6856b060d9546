import { systemClock } from "@hashwatt/protocol/time";
import { InfluxClient } from "@hashwatt/server/store/influx/client";
import { addLines } from "@hashwatt/server/store/influx/lines";
import { InfluxWriter } from "@hashwatt/server/store/influx/writer";
import { describe, expect, it } from "vitest";
import { programs } from "../support/programs.js";
import { startVictoria } from "../support/victoria.js";
import { fleetDay } from "./support/day.js";
import { influxConfig } from "./support/influxStore.js";

describe.skipIf(!programs.victoriaMetrics)("VictoriaMetrics", () => {
  it("stores every number of a day that the official client writes to /api/v2/write", async () => {
    await using victoria = await startVictoria();
    const config = influxConfig({ url: victoria.url, flavour: 2, org: "mine", token: "any" });
    const client = new InfluxClient(config, systemClock);
    const writer = new InfluxWriter(client, async () => undefined);
    const day = fleetDay({ seed: 3, rigs: 4, hours: 1, intervalMs: 30_000 });
    const lines: string[] = [];
    for (const stored of day) addLines({ ...stored, site: "north" }, lines);
    expect(await writer.write("hashwatt", lines)).toEqual([]);
    client.close();
    for (const [metric, of] of [
      ["rig_hashrateThs", (at: number) => day[at]!.sample.hashrateThs],
      ["rig_powerW", (at: number) => day[at]!.sample.powerW],
      ["rig_acceptedDiff", (at: number) => day[at]!.sample.shares?.acceptedDiff],
    ] as const) {
      const wanted = new Map<string, Map<number, number>>();
      for (const [at, { rig, sample }] of day.entries()) {
        const value = of(at);
        if (value === undefined) continue;
        const values = wanted.get(`r${rig}`) ?? new Map<number, number>();
        wanted.set(`r${rig}`, values.set(sample.atMs, value));
      }
      const series = await victoria.stored(metric);
      expect(series.map(({ labels }) => labels.site)).toEqual(series.map(() => "north"));
      const held = series.map(({ labels, values, timestamps }) => [
        labels.rig!,
        new Map(timestamps.map((atMs, i) => [atMs, values[i]!])),
      ]);
      expect(new Map(held as [string, Map<number, number>][])).toEqual(wanted);
    }
    expect((await victoria.stored("board_chips")).length).toBeGreaterThan(0);
  });
});
