import { describe, expect, test } from "vitest";
import { RIGS, Rig, START, sample } from "../fixtures/rollerRig.js";
import { Roller } from "./roller.js";
import { BUCKET_MS, HOUR_MS } from "./row.js";

const QUIET_MS = 300_000;
/** When the late readings come: an hour and a half is closed, and its raw samples are dropped. */
const CLOSED = START + 1.5 * HOUR_MS;

/** Rig 1 has reported every 30 s, rig 3 until the tenth minute, rig 2 never; `fineFromMs`: rows before it are dropped. */
async function set(fineFromMs = Number.NEGATIVE_INFINITY) {
  const rig = new Rig();
  await rig.roller.recover(START);
  for (let at = START; at < CLOSED; at += 30_000) {
    await rig.commit([sample(1, at, at)], at);
    if (at < START + 600_000) await rig.commit([sample(3, at, at)], at);
    await rig.roller.close(at);
  }
  await rig.roller.close(CLOSED + 20_000);
  const { telemetry, state } = rig;
  await telemetry.dropBefore(CLOSED);
  await state.dropRollups(BUCKET_MS, fineFromMs);
  rig.roller = new Roller({
    ...{ telemetry, state, rigs: () => RIGS },
    ...{ rawFromMs: () => CLOSED, fineFromMs: () => fineFromMs },
  });
  await rig.roller.recover(CLOSED + 20_000);
  await rig.roller.close(CLOSED + 20_000);
  return rig;
}
const late = (rig: number, fromMs: number, toMs: number) =>
  Array.from({ length: (toMs - fromMs) / 30_000 }, (_, n) => sample(rig, fromMs + n * 30_000, CLOSED));
const rowsOf = (rig: Rig, of: number, stepMs = BUCKET_MS) =>
  rig.state.rollups({ fromMs: START, toMs: CLOSED, stepMs, rigs: [of] });

describe("readings that come after the raw samples of their time were dropped", () => {
  test("are rolled up and folded where nothing is held of their rig, and touch no other", async () => {
    const rig = await set();
    const others = await rowsOf(rig, 1);
    await rig.commit(late(2, START, START + HOUR_MS), CLOSED + 30_000);
    await rig.roller.close(CLOSED + 40_000 + QUIET_MS);
    const rows = await rowsOf(rig, 2);
    expect(rows.slice(0, 12).map(({ samples, coveredMs }) => [samples, coveredMs])).toEqual(
      Array.from({ length: 12 }, () => [10, BUCKET_MS]),
    );
    const [hour] = await rowsOf(rig, 2, HOUR_MS);
    expect(hour).toMatchObject({ samples: 120, coveredMs: HOUR_MS, kwh: expect.closeTo(3, 6) });
    const site = { site: "north", fromMs: START, toMs: START + 1, stepMs: HOUR_MS };
    expect(await rig.state.siteRollups(site)).toMatchObject([{ coveredMs: 2 * HOUR_MS }]);
    expect(await rowsOf(rig, 1)).toEqual(others);
    expect(rig.roller.tooLate.total).toBe(0);
  });

  test("go into one row, though they come in pieces, and are counted once where they are made again", async () => {
    const rig = await set();
    const all = late(2, START, START + BUCKET_MS);
    await rig.commit(all.slice(0, 4), CLOSED + 30_000);
    await rig.roller.close(CLOSED + 90_000);
    expect(await rowsOf(rig, 2)).toEqual([]);
    await rig.commit(all.slice(4), CLOSED + 90_000);
    await rig.roller.close(CLOSED + 100_000 + QUIET_MS);
    expect((await rowsOf(rig, 2))[0]).toMatchObject({ samples: 10, coveredMs: BUCKET_MS });
    // The row behind it is of the last reading's hold alone, until the next come.
    await rig.commit(late(2, START + BUCKET_MS, START + 2 * BUCKET_MS), CLOSED + 600_000);
    await rig.roller.close(CLOSED + 610_000 + QUIET_MS);
    expect((await rowsOf(rig, 2)).slice(0, 2)).toMatchObject([{ samples: 10 }, { samples: 10 }]);
    expect(rig.roller.tooLate.total).toBe(0);
  });

  test("are not waited for when raw samples are about to be dropped", async () => {
    const rig = await set();
    await rig.commit(late(2, START, START + BUCKET_MS), CLOSED + 30_000);
    await rig.roller.close(CLOSED + 30_001, CLOSED + 30_000);
    expect((await rowsOf(rig, 2))[0]).toMatchObject({ samples: 10 });
    // What begins to come while this goes on does not keep it from its end.
    await rig.commit(late(2, START + HOUR_MS, START + HOUR_MS + BUCKET_MS), CLOSED + 30_002);
    expect(await rig.roller.close(CLOSED + 30_003, CLOSED + 30_000)).toMatchObject({ rigs: 0, more: false });
  });

  test("change no row that was made of others, and are counted and told", async () => {
    const rig = await set();
    const before = await rowsOf(rig, 3);
    // It has rows of the first ten minutes, which lack every other reading, and none of what follows.
    const doubled = late(3, START + 15_000, START + 595_000 + 20_000).filter((_, n) => n % 2 === 0);
    await rig.commit([...doubled, ...late(3, START + 900_000, START + 1_200_000)], CLOSED + 30_000);
    const nowMs = CLOSED + 40_000 + QUIET_MS;
    await rig.roller.close(nowMs);
    const after = await rowsOf(rig, 3);
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after.find(({ startMs }) => startMs === START + 900_000)).toMatchObject({ samples: 10 });
    expect(rig.roller.tooLate.total).toBe(2);
    expect(rig.roller.tooLate.take(nowMs)).toEqual([]);
    expect(rig.roller.tooLate.take(nowMs + QUIET_MS)).toEqual([
      expect.stringMatching(
        /^2 sums of a rig over 5 minutes, from 2026-03-01T00:00:00.000Z to 2026-03-01T00:10:00.000Z, lack readings that came after the raw samples .* raise store.rawDays/,
      ),
    ]);
    expect(rig.roller.tooLate.take(nowMs + 2 * QUIET_MS)).toEqual([]);
  });

  test("make no row where those of 5 minutes are gone, lest the hour and the site shrink to it", async () => {
    const rig = await set(START + HOUR_MS);
    const [hours, sites] = [
      () => rowsOf(rig, 3, HOUR_MS),
      () => rig.state.siteRollups({ site: "south", fromMs: START, toMs: CLOSED, stepMs: BUCKET_MS }),
    ];
    const before = [await hours(), await sites()];
    await rig.commit(late(3, START + 900_000, START + 1_200_000), CLOSED + 30_000);
    await rig.roller.close(CLOSED + 40_000 + QUIET_MS);
    expect(await rowsOf(rig, 3)).toEqual([]);
    expect([await hours(), await sites()]).toEqual(before);
    expect(rig.roller.tooLate.total).toBe(1);
    expect(rig.roller.tooLate.take(0, true)).toEqual([
      expect.stringMatching(/^1 sums .* after the 5-minute rows of their hour .* raise store.rollupDays/),
    ]);
  });

  test("are in the row of the site and in the hour, though a store failed or the server ended between them and the rig's row", async () => {
    for (const ends of [false, true]) {
      const rig = await set();
      await rig.commit(late(2, START, START + BUCKET_MS), CLOSED + 30_000);
      const { state } = rig;
      const put = state.putRollups.bind(state);
      // The rig's row is written; that of its site is not.
      state.putRollups = async (rigs, sites) => {
        if (sites.some(({ startMs }) => startMs === START)) throw new Error("the disk is full");
        await put(rigs, sites);
      };
      const nowMs = CLOSED + 40_000 + QUIET_MS;
      await expect(rig.roller.close(nowMs)).rejects.toThrow("the disk is full");
      expect((await rowsOf(rig, 2))[0]).toMatchObject({ samples: 10 });
      state.putRollups = put;
      if (ends) {
        rig.roller = new Roller({
          ...{ telemetry: rig.telemetry, state, rigs: () => RIGS },
          rawFromMs: () => CLOSED,
        });
        await rig.roller.recover(nowMs);
      }
      await rig.roller.close(nowMs + QUIET_MS);
      const site = { site: "north", fromMs: START, toMs: START + 1 };
      expect(await state.siteRollups({ ...site, stepMs: BUCKET_MS })).toMatchObject([
        { coveredMs: 2 * BUCKET_MS },
      ]);
      expect((await rowsOf(rig, 2, HOUR_MS))[0]).toMatchObject({ samples: 10 });
      expect(rig.roller.tooLate.total).toBe(0);
    }
  });

  test("of a time whose raw samples are the next to be dropped are summed up before", async () => {
    const rig = await set();
    // Its raw samples are there, and go within the hour.
    await rig.commit([sample(1, CLOSED, CLOSED)], CLOSED);
    await rig.roller.close(CLOSED + 2 * BUCKET_MS + 20_000);
    const nowMs = CLOSED + 3 * BUCKET_MS;
    await rig.commit([sample(2, CLOSED + BUCKET_MS, nowMs)], nowMs);
    await rig.roller.close(nowMs + 1, nowMs);
    const range = { fromMs: CLOSED + BUCKET_MS, toMs: CLOSED + 2 * BUCKET_MS, stepMs: BUCKET_MS, rigs: [2] };
    expect(await rig.state.rollups(range)).toMatchObject([{ samples: 1 }]);
  });
});
