import { fakeClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { expect, test } from "vitest";
import { rigAt, rowsOf } from "../../fixtures/bookedSites.js";
import { Points } from "../../fixtures/influxPoints.js";
import { staysOf } from "../../ledger/stays.js";
import { BUCKET_MS, HOUR_MS } from "../../rollup/row.js";
import { MemoryStateStore } from "../state/memory.js";
import { RollupMirror } from "./mirror.js";
import { forgetMirror } from "./mirrorSetting.js";

const FROM = Date.UTC(2026, 10, 25);
const TO = FROM + HOUR_MS;

test("hours of a site that was removed stay as they were, and those of another server in the same database", async () => {
  const state = new MemoryStateStore();
  const points = new Points();
  const rigs = [rigAt(1, "a"), rigAt(2, "b")];
  let sites = [{ site: "a" }, { site: "b" }];
  const open = async () => {
    const mirror = new RollupMirror({
      ...{ influx: points, state, rigs: () => rigs, sites: () => sites, isAway: () => false },
      ...{ lost: () => undefined, clock: fakeClock(TO + HOUR_MS), log: pino({ level: "silent" }) },
    });
    await mirror.load();
    return mirror;
  };
  let mirror = await open();
  await state.putRollups(rowsOf([1, 2], FROM, TO, { kw: 3, ths: 100 }), []);
  const factor = { value: 0.06, source: "test", asOfMs: null };
  const price = async (site: string, stays = staysOf(rigs, [])) => {
    const buckets = Array.from({ length: 12 }, (_, i) => ({
      ...{ startMs: FROM + i * BUCKET_MS, rigs: 2, price: factor },
    }));
    const order = { site, fromMs: FROM, toMs: TO, buckets, own: [], stays, hoursToMs: TO };
    await mirror.aroundLedger({ fromMs: FROM, toMs: TO }, () => state.ledger.price(order));
    await mirror.step();
    expect([mirror.problem, mirror.pending]).toEqual([undefined, 0]);
  };
  const ledgerOf = (site: string) =>
    [...points.held].filter(([key]) => /Ledger,/.test(key) && key.includes(`site=${site} `));
  const alien = `siteLedger,algo=sha256,site=other energyMs=5,kwh=7 ${FROM}`;
  await points.write("hashwatt_1h", [alien]);
  const others = ledgerOf("other");

  await price("a");
  await price("b");
  const held = ledgerOf("a");
  expect(held.map(([, fields]) => /(^|,)kwh=3(,|$)/.test(fields))).toEqual([true, true]);
  // The rig of A moves to B, A is removed, and the hour is priced anew for B.
  rigs[0] = rigAt(1, "b");
  sites = [{ site: "b" }];
  await price("b");
  expect(ledgerOf("a")).toEqual(held);
  expect(ledgerOf("other")).toEqual(others);
  // So it is when everything is written again.
  await mirror.close();
  await forgetMirror(state);
  mirror = await open();
  await mirror.step();
  expect(ledgerOf("a")).toEqual(held);
  expect(ledgerOf("other")).toEqual(others);
  // What a site that is known does not have any more is taken out all the same.
  await price("b", staysOf([rigAt(2, "b")], []));
  const left = ledgerOf("b").filter(([key]) => key.includes("rig=r1,"));
  expect(left.map(([, fields]) => /(^|,)kwh=0(,|$)/.test(fields))).toEqual([true]);
});
