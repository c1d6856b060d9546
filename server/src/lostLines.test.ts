import { describe, expect, test } from "vitest";
import { LostLineNotes } from "./lostLines.js";
import { Refusals } from "./refusals.js";

describe("lines that an InfluxDB will not hold", () => {
  const NOW = Date.UTC(2026, 10, 26);
  const setup = () => {
    let nowMs = NOW;
    const refusals = new Refusals(() => nowMs);
    const events: string[] = [];
    const notes = new LostLineNotes(
      refusals,
      { tell: (kind, text) => events.push(`${kind}: ${text}`) },
      () => nowMs,
    );
    return { refusals, events, notes, pass: (ms: number) => (nowMs += ms) };
  };
  const lost = (count: number, why: string, lines: string[] = []) => ({
    database: "hashwatt",
    count,
    why,
    lines,
  });

  test("are all counted, and told once an hour for each reason", () => {
    const { refusals, events, notes, pass } = setup();
    for (let n = 1; n <= 50; n++) notes.note(lost(2, `points beyond retention policy dropped=${n}`));
    notes.note(lost(1, "field type conflict"));
    expect(refusals.count("store-lines")).toBe(101);
    expect(events).toHaveLength(2);
    pass(3_600_000);
    notes.note(lost(1, "field type conflict"));
    expect(events.at(-1)).toBe(
      'samples-not-stored: 1 line is not in InfluxDB\'s "hashwatt": field type conflict',
    );
    expect(events).toHaveLength(3);
  });

  test.each([
    [`rig,rig=r12,site=north powerW=1 ${NOW}`, "r12 at 2026-11-26T00:00:00.000Z"],
    [`board,board=2,rig=r3,site=north slot=2 ${NOW}`, "r3 board 2 at 2026-11-26T00:00:00.000Z"],
    ["something else", '"something else"'],
  ])("are named by rig and time: %s", (line, name) => {
    const { refusals, notes } = setup();
    notes.note(lost(3, "no room", [line, "x"]));
    expect(refusals.list()[0]?.last).toBe(
      `3 lines are not in InfluxDB's "hashwatt", such as ${name}: no room`,
    );
  });
});
