import type { AlertView } from "@hashwatt/protocol/http";
import { describe, expect, test } from "vitest";
import { judgedRig, START } from "../fixtures/judgedRig.js";

const MINUTE = 60_000;

describe("an alert that readings raise, once nothing arrives any more", () => {
  const hot = { chipTempC: 95 };

  test("ends when the rig is offline, as it would by a reading", () => {
    const it = judgedRig().reads(0, hot).reads(5, hot);
    for (let s = 6; s <= 305; s++) it.passes(s);
    const { transitions } = it.book.takeChanges();
    expect(transitions.map((alert) => `${alert.rule} ${alert.state}`)).toEqual([
      "overheating firing",
      "offline firing",
      "overheating resolved",
    ]);
    expect(transitions.at(-1)?.reason).toBe("Ended: the rig is offline");
    expect(it.book.worst(7)).toBe("money");
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
    const after = judgedRig();
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
    it.reads(30, { chipTempC: 93 });
    expect(it.book.takeChanges().changed).toEqual([]);
    it.reads(66, { chipTempC: 94 });
    const { transitions, changed } = it.book.takeChanges();
    expect(transitions).toEqual([]);
    expect(changed).toMatchObject([{ value: 94, state: "firing" }]);
  });
});
