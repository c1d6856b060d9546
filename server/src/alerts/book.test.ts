import type { AlertView } from "@hashwatt/protocol/http";
import { describe, expect, test } from "vitest";
import { judgedRig, START } from "../fixtures/judgedRig.js";

const MINUTE = 60_000;

describe("an alert that readings raise, once nothing arrives any more", () => {
  const hot = { chipTempC: 95 };

  test("ends when the rig is offline and it was seen long before, as it would by a reading", () => {
    const it = judgedRig().reads(0, hot).reads(5, hot);
    for (let s = 10; s <= 305; s += 5) it.reads(s, { chipTempC: 60 });
    for (let s = 306; s <= 606; s++) it.passes(s);
    const { transitions } = it.book.takeChanges();
    expect(transitions.map((alert) => `${alert.rule} ${alert.state}`)).toEqual([
      "overheating firing",
      "offline firing",
    ]);
    expect(it.book.worst(7)).toBe("danger");
  });

  test("ends after ten minutes while the server itself hears nothing, and says why", () => {
    const it = judgedRig().reads(0, hot).reads(5, hot);
    it.transitions();
    it.context.heardSinceMs = Number.POSITIVE_INFINITY;
    for (let s = 6; s <= 635; s++) it.passes(s);
    expect(it.open()).toEqual(["overheating firing"]);
    it.passes(636);
    expect(it.book.takeChanges().transitions).toMatchObject([
      {
        rule: "overheating",
        state: "resolved",
        reason: "Ended: no reading arrives any more, so what it rests on is not known",
      },
    ]);
    expect(it.book.worst(7)).toBeNull();
  });

  test("neither fires nor clears by time while its last reading is fresh", () => {
    const it = judgedRig().reads(0, hot);
    for (let s = 1; s <= 30; s++) it.passes(s);
    expect(it.open()).toEqual(["overheating pending"]);
    it.passes(31);
    expect(it.open()).toEqual(["offline pending"]);
    expect(it.transitions()).toEqual([]);
  });

  test("an unprofitable one too", () => {
    const it = judgedRig();
    for (let s = 0; s <= 600; s += 30) it.reads(s, { hashrateThs: 100, powerW: 3_500 });
    for (let s = 601; s <= 905; s++) it.passes(s);
    expect(it.transitions()).toEqual(["unprofitable firing", "offline firing", "unprofitable resolved"]);
  });
});

describe("the book", () => {
  test("a firing alert does not fire again after a restart, and still resolves", () => {
    const before = judgedRig().reads(0, { chipTempC: 95 }).reads(5, { chipTempC: 95 });
    const stored: AlertView[] = before.book.takeChanges().transitions;
    const after = judgedRig({ resolveHoldMs: 0 });
    after.book.restore(stored, START);
    expect(after.book.worst(7)).toBe("danger");
    after.reads(60, { chipTempC: 95 }).reads(65, { chipTempC: 95 });
    expect(after.transitions()).toEqual([]);
    after.reads(70, { chipTempC: 60 }).reads(75, { chipTempC: 60 });
    const [alert] = after.book.takeChanges().transitions;
    expect(alert).toMatchObject({ id: stored[0]?.id, state: "resolved", firedMs: START + 5_000 });
  });

  test("a breach that passes while pending is told to screens as ended, and to nobody else", () => {
    const it = judgedRig().reads(0, { chipTempC: 90 }).reads(5, { chipTempC: 60 });
    const { transitions, changed } = it.book.takeChanges();
    expect(transitions).toEqual([]);
    expect(changed).toMatchObject([{ rule: "overheating", state: "resolved", firedMs: null }]);
  });

  test("ends every alert of a rig that is gone", () => {
    const it = judgedRig().reads(0, { chipTempC: 90 }).reads(5, { chipTempC: 90 });
    it.transitions();
    it.book.drop(7, "Ended: gone", START + MINUTE);
    expect(it.transitions()).toEqual(["overheating resolved"]);
    expect(it.book.worst(7)).toBeNull();
  });

  test("brings a firing alert's figures up to date once a minute, which is no transition", () => {
    const it = judgedRig().reads(0, { chipTempC: 90 }).reads(5, { chipTempC: 90 });
    it.book.takeChanges();
    it.reads(30, { chipTempC: 90.9 });
    expect(it.book.takeChanges().changed).toEqual([]);
    it.reads(66, { chipTempC: 90.9 });
    const { transitions, changed } = it.book.takeChanges();
    expect(transitions).toEqual([]);
    expect(changed).toMatchObject([{ value: 90.9, state: "firing" }]);
  });

  test("tells a value that has moved by a degree at once, but at most every five seconds", () => {
    const it = judgedRig().reads(0, { chipTempC: 90 }).reads(5, { chipTempC: 90 });
    it.book.takeChanges();
    it.reads(9, { chipTempC: 95 });
    expect(it.book.takeChanges().changed).toEqual([]);
    it.reads(10, { chipTempC: 91 });
    expect(it.book.takeChanges()).toMatchObject({ transitions: [], changed: [{ value: 91 }] });
    it.reads(14, { chipTempC: 99 });
    expect(it.book.takeChanges().changed).toEqual([]);
    it.reads(15, { chipTempC: 99 });
    expect(it.book.takeChanges().changed).toMatchObject([
      { value: 99, reason: "Chip 99 °C, limit 85 °C, stated by the rig's firmware" },
    ]);
  });

  test("tells a loss that has moved by a twentieth of the cost at once", () => {
    const it = judgedRig();
    for (let s = 0; s <= 600; s += 30) it.reads(s, { hashrateThs: 100, powerW: 3_500 });
    it.book.takeChanges();
    it.reads(605, { hashrateThs: 95, powerW: 3_500 });
    expect(it.book.takeChanges().changed).toEqual([]);
    it.reads(610, { hashrateThs: 90, powerW: 3_500 });
    expect(it.book.takeChanges().changed).toHaveLength(1);
  });
});

describe("an alert that begins again soon after its end", () => {
  const hot = { chipTempC: 95 };
  const cool = { chipTempC: 60 };
  /** Hot from `s` on for two readings, then cool long enough to end. */
  const round = (it: ReturnType<typeof judgedRig>, s: number) => {
    it.reads(s, hot).reads(s + 5, hot);
    for (let t = s + 10; t <= s + 310; t += 10) it.reads(t, cool);
    return it;
  };

  test("is the same one: it fires at once, counts its rounds, and is told to nobody", () => {
    const it = round(judgedRig(), 0);
    const [first] = it.book.takeChanges().transitions;
    it.reads(400, hot).reads(405, hot);
    const { transitions } = it.book.takeChanges();
    expect(transitions).toMatchObject([
      {
        id: first?.id,
        state: "firing",
        firedMs: START + 405_000,
        resolvedMs: null,
        rounds: 2,
        firstFiredMs: START + 5_000,
        quietUntilMs: START + 310_000 + 15 * MINUTE,
        reason: "Chip 95 °C, limit 85 °C, stated by the rig's firmware; 2nd time in 7 min",
      },
    ]);
    expect(it.book.worst(7)).toBe("danger");
    round(it, 405);
    round(it, 800);
    it.transitions();
    it.reads(1_200, hot).reads(1_205, hot);
    expect(it.book.open(7)[0]?.reason).toMatch(/; 4th time in 20 min$/);
  });

  test("and goes on is told once the quiet time is over, since nobody may believe that it has ended", () => {
    const it = round(judgedRig(), 0);
    for (let s = 400; s < 1_210; s += 5) it.reads(s, hot);
    expect(it.transitions()).toEqual(["overheating firing", "overheating resolved", "overheating firing"]);
    it.reads(1_210, hot);
    const [told] = it.book.takeChanges().transitions;
    expect(told).toMatchObject({ state: "firing", rounds: 2 });
    expect(told).not.toHaveProperty("quietUntilMs");
    for (let s = 1_215; s <= 1_515; s += 5) it.reads(s, cool);
    const [ended] = it.book.takeChanges().transitions;
    expect(ended).toMatchObject({ state: "resolved", rounds: 2 });
    expect(ended).not.toHaveProperty("quietUntilMs");
  });

  test("is told of at most every quarter of an hour, however often it begins again", () => {
    const it = judgedRig();
    for (let s = 0; s < 7_200; s += 400) round(it, s);
    const told = it.book.takeChanges().transitions.filter(({ quietUntilMs }) => quietUntilMs === undefined);
    const fired = told.filter(({ state }) => state === "firing").map(({ firedMs }) => firedMs!);
    expect(fired.length).toBeGreaterThan(3);
    for (let i = 1; i < fired.length; i++) expect(fired[i]! - fired[i - 1]!).toBeGreaterThan(15 * MINUTE);
    expect(told.map(({ state }) => state)).toEqual(fired.flatMap(() => ["firing", "resolved"]));
  });

  test("but passes while pending stays what it was", () => {
    const it = round(judgedRig(), 0);
    const ended = it.book.takeChanges().transitions.at(-1);
    it.reads(400, hot);
    expect(it.book.takeChanges().changed).toMatchObject([{ id: ended?.id, state: "pending" }]);
    it.reads(405, cool);
    expect(it.book.takeChanges()).toEqual({ transitions: [], changed: [ended] });
  });

  test("after more than a quarter of an hour is another", () => {
    const it = round(judgedRig(), 0);
    const [first] = it.book.takeChanges().transitions;
    it.reads(1_215, hot).reads(1_220, hot);
    const [second] = it.book.takeChanges().transitions;
    expect(second?.id).not.toBe(first?.id);
    expect(second).not.toHaveProperty("rounds");
  });

  test("is the same one over a restart, and stays quiet for as long", () => {
    const stored = round(judgedRig(), 0).book.takeChanges().transitions.slice(-1);
    const it = judgedRig();
    it.book.restore(stored, START + 320_000);
    it.reads(400, hot).reads(405, hot);
    const again = it.book.takeChanges().transitions;
    expect(again).toMatchObject([{ id: stored[0]?.id, rounds: 2 }]);
    const later = judgedRig();
    later.book.restore(again, START + 410_000);
    for (let s = 415; s < 1_210; s += 5) later.reads(s, hot);
    expect(later.transitions()).toEqual([]);
    expect(later.book.open(7)[0]?.reason).toMatch(/2nd time in 20 min$/);
    later.reads(1_210, hot);
    expect(later.transitions()).toEqual(["overheating firing"]);
  });
});
