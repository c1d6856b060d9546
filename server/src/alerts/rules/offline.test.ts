import { describe, expect, test } from "vitest";
import { judgedRig, START } from "../../fixtures/judgedRig.js";

describe("offline", () => {
  test("fires after five minutes of unreachable readings, counted from the last answer, and resolves by an answer", () => {
    const it = judgedRig().reads(0, { powerW: 3000, hashrateThs: 200 });
    for (let s = 5; s < 300; s += 5) it.reads(s, { status: "unreachable" });
    expect(it.open()).toEqual(["offline pending"]);
    expect(it.transitions()).toEqual([]);
    it.reads(300, { status: "unreachable" });
    const [alert] = it.book.takeChanges().transitions;
    expect(alert).toMatchObject({
      rule: "offline",
      state: "firing",
      pendingMs: START,
      value: 5,
      unit: "min",
      currency: "USD",
    });
    expect(alert?.lossPerH).toBeCloseTo(200 * 0.0016 - 3 * 0.06, 12);
    expect(alert?.reason).toContain("agent a gets no answer at 10.0.0.7");
    it.reads(305, {});
    expect(it.transitions()).toEqual(["offline resolved"]);
  });

  test("says of a rig that answers and has never been read why that is, and not that it is silent", () => {
    const it = judgedRig();
    it.view.record.evidence.notes = [{ code: "unsupported", text: "unsupported firmware: Canaan Avalon" }];
    for (let s = 0; s <= 300; s += 5) it.reads(s, { status: "unreachable" });
    const [alert] = it.book.takeChanges().transitions;
    expect(alert?.reason).toBe("No reading: unsupported firmware: Canaan Avalon");
  });

  test("a rig that was read in its standard figures and falls silent gives no answer, whatever its note says", () => {
    const it = judgedRig();
    it.view.record.evidence.notes = [{ code: "unsupported", text: "Teraflux: no dialect for it" }];
    it.reads(0, {});
    for (let s = 5; s <= 300; s += 5) it.reads(s, { status: "unreachable" });
    const [alert] = it.book.takeChanges().transitions;
    expect(alert?.reason).toContain("agent a gets no answer at 10.0.0.7");
  });

  test("fires too when nothing arrives at all, since a gone agent must not leave healthy rigs on the screen", () => {
    const it = judgedRig().reads(0, {});
    for (let s = 1; s <= 301; s++) it.passes(s);
    const [alert] = it.book.takeChanges().transitions;
    expect(alert).toMatchObject({ rule: "offline", state: "firing" });
    expect(alert?.reason).toContain("nothing arrives from agent a");
  });

  test("a sleeping rig answers and is no outage", () => {
    const it = judgedRig();
    for (let s = 0; s <= 900; s += 5) it.reads(s, { status: "sleeping" });
    expect(it.transitions()).toEqual([]);
  });

  test("silence while the server itself hears nothing is no outage of a rig", () => {
    const it = judgedRig().reads(0, {});
    it.context.heardSinceMs = Number.POSITIVE_INFINITY;
    for (let s = 1; s <= 900; s++) it.passes(s);
    expect(it.transitions()).toEqual([]);
    it.context.heardSinceMs = START + 900_000;
    for (let s = 901; s < 1200; s++) it.passes(s);
    expect(it.transitions()).toEqual([]);
    it.passes(1200);
    expect(it.transitions()).toEqual(["offline firing"]);
  });

  test("while it fires, other rules are silent, and what they had open ends", () => {
    const it = judgedRig();
    for (let s = 0; s <= 600; s += 5) it.reads(s, { hashrateThs: 100, powerW: 3_500 });
    for (let s = 605; s <= 920; s += 5) it.reads(s, { status: "unreachable" });
    expect(it.transitions()).toEqual(["unprofitable firing", "offline firing", "unprofitable resolved"]);
    expect(it.open()).toEqual(["offline firing"]);
  });

  test("a danger seen within ten minutes before stays, visibly unknown, and is told as the probable cause", () => {
    const it = judgedRig().reads(0, { chipTempC: 95 }).reads(5, { chipTempC: 95 });
    for (let s = 10; s <= 320; s += 5) it.reads(s, { status: "unreachable" });
    const { transitions } = it.book.takeChanges();
    expect(transitions.map(({ rule, state }) => `${rule} ${state}`)).toEqual([
      "overheating firing",
      "offline firing",
    ]);
    expect(transitions[1]?.probableCause).toBe("Chip 95 °C, limit 85 °C, stated by the rig's firmware");
    const hot = it.book.open(7).find(({ rule }) => rule === "overheating");
    expect(hot).toMatchObject({ state: "firing", unknownSinceMs: START + 10_000 });
    for (let s = 325; s <= 4_000; s += 5) it.reads(s, { status: "unreachable" });
    expect(it.open()).toEqual(["overheating firing", "offline firing"]);
    for (let s = 4_005; s <= 4_320; s += 5) it.reads(s, { chipTempC: 50 });
    expect(it.transitions()).toEqual(["offline resolved", "overheating resolved"]);
  });

  test("after a restart an offline alert stays while nothing has been heard long enough, instead of flapping", () => {
    const it = judgedRig({ heardSinceS: 3_600 });
    it.book.restore(
      [
        {
          id: "x",
          rule: "offline",
          severity: "money",
          state: "firing",
          site: "s",
          rig: 7,
          subject: { kind: "rig", id: "r7", name: "n" },
          rigName: "n",
          pendingMs: START,
          firedMs: START,
          resolvedMs: null,
          value: 5,
          limit: 5,
          unit: "min",
          reason: "No answer",
          lossPerH: null,
        },
      ],
      START,
    );
    for (let s = 3_600; s < 3_700; s++) it.passes(s);
    expect(it.transitions()).toEqual([]);
    expect(it.open()).toEqual(["offline firing"]);
  });

  test("a restored offline alert never loses what it lasted, and says what is not known", () => {
    const it = judgedRig({ heardSinceS: 7_200 });
    const before = judgedRig().reads(0, {});
    for (let s = 1; s <= 301; s++) before.passes(s);
    it.book.restore(before.book.takeChanges().transitions, START + 7_200_000);
    it.view.mayHaveAnswered = true;
    for (let s = 7_205; s <= 7_270; s += 5) it.reads(s, { status: "unreachable" });
    const known = "2026-11-26 00:00 UTC";
    expect(it.book.open(7)).toMatchObject([
      {
        state: "firing",
        pendingMs: START,
        value: 121,
        reason: `No answer: agent a gets no answer at 10.0.0.7; when it last answered is not known, at the latest ${known}`,
      },
    ]);
    it.view.answeredMs = START - 60_000;
    for (let s = 7_275; s <= 7_340; s += 5) it.reads(s, { status: "unreachable" });
    expect(it.book.open(7)[0]?.reason).toContain("last answer 2026-11-25 23:59 UTC");
  });

  test("what the outage costs is not forgotten by a restart", () => {
    const before = judgedRig().reads(0, { powerW: 3000, hashrateThs: 200 });
    for (let s = 5; s <= 300; s += 5) before.reads(s, { status: "unreachable" });
    const stored = before.book.takeChanges().transitions;
    const it = judgedRig();
    it.book.restore(stored, START + 400_000);
    for (let s = 405; s <= 600; s += 5) it.reads(s, { status: "unreachable" });
    expect(it.book.open(7)).toMatchObject([{ value: 10, lossPerH: stored[0]?.lossPerH }]);
    expect(stored[0]?.lossPerH).toBeCloseTo(0.14, 12);
  });

  test("what the outage costs is unknown where no profit was ever known", () => {
    const it = judgedRig().reads(0, { hashrateThs: 200 });
    for (let s = 5; s <= 300; s += 5) it.reads(s, { status: "unreachable" });
    expect(it.book.takeChanges().transitions).toMatchObject([{ lossPerH: null }]);
  });
});
