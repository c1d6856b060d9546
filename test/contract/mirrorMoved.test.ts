import { join } from "node:path";
import { fakeClock, systemClock } from "@hashwatt/protocol/time";
import { foldHours } from "@hashwatt/server/rollup/fold";
import { BUCKET_MS, HOUR_MS, type RollupRow } from "@hashwatt/server/rollup/row";
import { Influx } from "@hashwatt/server/store/influx/influx";
import { RollupMirror } from "@hashwatt/server/store/influx/mirror";
import { DuckStateStore } from "@hashwatt/server/store/state/duck";
import type { LedgerSums, Stay } from "@hashwatt/server/store/state/ledger";
import { pino } from "pino";
import { expect, test } from "vitest";
import { startInfluxd } from "../support/influxd.js";
import { programs } from "../support/programs.js";
import { influxConfig } from "./support/influxStore.js";
import { tempFolder } from "./support/telemetryStores.js";

const FROM = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 6 * HOUR_MS;
const TO = FROM + 3 * HOUR_MS;

/** Three hours of three rigs, by 5 minutes and by the hour. */
function madeRows(): RollupRow[] {
  const fine: RollupRow[] = [];
  for (let at = FROM; at < TO; at += BUCKET_MS)
    for (const rig of [1, 2, 3]) {
      const kwh = rig / 8 + (at % HOUR_MS) / HOUR_MS;
      fine.push({
        ...{ rig, startMs: at, stepMs: BUCKET_MS, algo: "SHA256", samples: 10, coveredMs: BUCKET_MS },
        ...{ miningMs: BUCKET_MS, hashCoveredMs: BUCKET_MS, thsHours: 8, powerCoveredMs: BUCKET_MS },
        ...{ kwh, kwhBySource: [0, 0, kwh, 0, 0], accepted: 3 },
      });
    }
  return [...fine, ...foldHours(fine)];
}

const stay = (rig: number, site: string, more: Partial<Stay> = {}): Stay => ({
  ...{ rig, site, fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY },
  ...{ knownFromMs: 0, gone: false, algo: "SHA256", ...more },
});

test.skipIf(!programs.influxd)(
  "a rig that turned out to have moved counts once: sums over a real InfluxDB are those of the ledger and of the rows",
  async () => {
    await using influxd = await startInfluxd({ auth: true });
    using folder = tempFolder();
    const { store: state } = await DuckStateStore.open({
      path: join(folder.path, "hashwatt.duckdb"),
      nowMs: Date.now,
    });
    const rigs = [1, 2, 3].map((rig) => ({ rig, site: rig < 3 ? "north" : "south" }));
    const keys = { url: influxd.url, ...influxd.admin, database: "moved", timeoutMs: 5_000 };
    const mirror = new RollupMirror({
      influx: new Influx({
        config: influxConfig(keys),
        clock: systemClock,
        keep: { rawDays: 7, rollupDays: 400 },
      }),
      state,
      rigs: () => rigs,
      sites: () => [{ site: "north" }, { site: "south" }],
      lost: ({ why }) => expect.unreachable(why),
      clock: fakeClock(Date.now()),
      log: pino({ level: "silent" }),
    });
    await mirror.load();
    const rows = madeRows();
    await mirror.around(rows, [], () => state.putRollups(rows, []));
    const factor = { value: 0.06, source: "made for this test", asOfMs: null };
    const buckets = Array.from({ length: 36 }, (_, i) => ({
      ...{ startMs: FROM + i * BUCKET_MS, rigs: 3, price: factor },
    }));
    const price = async (stays: Stay[]) => {
      for (const site of ["north", "south"]) {
        const order = { site, fromMs: FROM, toMs: TO, buckets, own: [], stays, hoursToMs: TO };
        await mirror.aroundLedger({ fromMs: FROM, toMs: TO }, () => state.ledger.price(order));
      }
      await mirror.step();
      expect([mirror.problem, mirror.pending]).toEqual([undefined, 0]);
    };
    const held = async (measurement: string, name: string) => {
      const sum = `SELECT sum("${name}") AS "sum" FROM "${measurement}"`;
      const { series = [] } = await influxd.query(sum, "moved_1h");
      return Number(series[0]?.values[0]?.[1]);
    };
    const expectSums = async () => {
      const booked: LedgerSums[] = [];
      for (const site of ["north", "south"])
        booked.push(...(await state.ledger.sums({ site, edges: [FROM], toMs: TO })));
      const sum = (of: "energyMwh" | "energyCostMicro" | "energyMs") =>
        booked.reduce((total, { sums }) => total + (sums[of] ?? 0), 0);
      for (const measurement of ["siteLedger", "rigLedger"]) {
        expect(await held(measurement, "kwh")).toBeCloseTo(sum("energyMwh") / 1e6, 6);
        expect(await held(measurement, "energyCost")).toBeCloseTo(sum("energyCostMicro") / 1e6, 6);
        expect(await held(measurement, "energyMs")).toBe(sum("energyMs"));
      }
      const hours = rows.filter(({ stepMs }) => stepMs === HOUR_MS);
      expect(await held("rig", "kwh")).toBeCloseTo(
        hours.reduce((total, { kwh }) => total + kwh, 0),
        6,
      );
    };
    const others = [stay(2, "north"), stay(3, "south")];
    await price([stay(1, "north"), ...others]);
    await expectSums();
    // It has stood at the other site since the middle of the second hour, and its rows come once more from there.
    const movedMs = FROM + 1.5 * HOUR_MS;
    rigs[0]!.site = "south";
    await state.ledger.putArrivals([
      { rig: 1, site: "north", sinceMs: 0 },
      { rig: 1, site: "south", sinceMs: movedMs },
    ]);
    const again = rows.filter(({ rig }) => rig === 1);
    await mirror.around(again, [], () => state.putRollups(again, []));
    await price([stay(1, "north", { toMs: movedMs }), stay(1, "south", { fromMs: movedMs }), ...others]);
    await expectSums();
    // Back again, as if it had never been there: nothing of it is left in the sums of the south.
    await price([stay(1, "north"), ...others]);
    await expectSums();
    await mirror.close();
    await state.close();
  },
);
