import { type Board, MAX_FANS } from "@hashwatt/protocol/sample";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BOARD_NUMBERS } from "../parts.js";
import type { StoredSample } from "../store.js";
import type { InfluxSeries } from "./client.js";
import { FANS, NUMBERS, RIG_FIELDS, SHARES, TEXTS } from "./fields.js";
import { addLines, lineCount, textField } from "./lines.js";
import { boardOf, Columns, sampleOf } from "./rows.js";

const linesOf = (stored: StoredSample): string[] => {
  const lines: string[] = [];
  addLines(stored, lines);
  return lines;
};

/** What an InfluxDB would answer of a line: the tags, and the fields with their time as one row. */
function answered(line: string): { series: InfluxSeries; columns: Columns } {
  const [, name = "", tags = "", fields = "", time] = /^(\w+),(\S+) (.*) (\d+)$/s.exec(line) ?? [];
  const names = ["time"];
  const row: (string | number)[] = [Number(time)];
  for (const [, key = "", quoted, bare] of fields.matchAll(
    /([A-Za-z0-9]+)=(?:"((?:[^"\\]|\\.)*)"|([^,]+))/gs,
  )) {
    names.push(key);
    row.push(quoted === undefined ? Number(bare) : quoted.replace(/\\(["\\])/g, "$1"));
  }
  const tagged = Object.fromEntries(tags.split(",").map((tag) => tag.split("=") as [string, string]));
  const series = { name, tags: tagged, columns: names, values: [row] };
  return { series, columns: new Columns(series) };
}

describe("lines of a sample", () => {
  it("hold tags of ours alone, numbers as floats, and nothing that was not reported", () => {
    const stored: StoredSample = {
      rig: 7,
      site: "north",
      receivedMs: 1_700_000_000_250,
      sample: {
        atMs: 1_700_000_000_000,
        intervalMs: 5_000,
        status: "mining",
        algo: 'say "hi"',
        hashrateThs: 100.5,
        powerW: 0,
        shares: { accepted: 1e15, stale: 0 },
        fansRpm: [5_000, 4_800],
        faults: [{ code: "42", text: 'a "b"\nc' }],
        boards: [{ slot: 0 }, { slot: 2, hashrateThs: 1e-9, chips: 0 }],
      },
    };
    expect(linesOf(stored)).toEqual([
      String.raw`rig,rig=r7,site=north status="mining",intervalMs=5000,lagMs=250,hashrateThs=100.5,powerW=0,accepted=1000000000000000,stale=0,algo="say \"hi\"",fanRpm=4800,fan0=5000,fan1=4800,faults="[{\"code\":\"42\",\"text\":\"a \\\"b\\\"\\nc\"}]" 1700000000000`,
      "board,board=0,rig=r7,site=north slot=0 1700000000000",
      "board,board=2,rig=r7,site=north slot=2,hashrateThs=1e-9,chips=0 1700000000000",
    ]);
    expect(lineCount(stored)).toBe(3);
  });

  it("have no site where none is known", () => {
    const sample = { atMs: 5, intervalMs: 0, status: "unreachable" as const };
    expect(linesOf({ rig: 1, receivedMs: 4, sample })).toEqual([
      'rig,rig=r1 status="unreachable",intervalMs=0,lagMs=-1 5',
    ]);
  });

  it("have a field for everything that is read back", () => {
    const each = <T>(names: readonly string[], value: T) =>
      Object.fromEntries(names.map((name) => [name, value]));
    const stored = {
      rig: 1,
      receivedMs: 9,
      sample: {
        atMs: 5,
        intervalMs: 1,
        status: "idle" as const,
        ...each(NUMBERS, 2),
        ...each(TEXTS, "t"),
        shares: each(SHARES, 3),
        fansRpm: FANS.map(() => 4),
        faults: [{ code: "c" }],
        boards: [each(BOARD_NUMBERS, 5) as Board],
      },
    };
    const names = linesOf(stored).map((line) => [...line.matchAll(/[ ,](\w+)=/g)].map(([, name]) => name));
    const [rig, board] = names.map(
      (all) => new Set(all.filter((name) => name !== "rig" && name !== "board")),
    );
    expect(rig).toEqual(new Set([...RIG_FIELDS, ...FANS]));
    expect(board).toEqual(new Set(BOARD_NUMBERS));
  });

  it("are lines whatever a text holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 40 }), (text) => {
        const field = textField(text);
        expect(field).not.toMatch(/[\r\n]/);
        expect(field).toMatch(/^"(?:[^"\\]|\\["\\])*"$/s);
      }),
    );
    expect(textField("two\r\nlines\\")).toBe('"two lines\\\\"');
  });

  it("give the sample back", () => {
    const number = fc.double({ min: 0, max: 9_000, noNaN: true }).map((value) => value + 0);
    const text = fc.stringMatching(/^[ -~]{1,20}$/);
    const board = fc.record(
      { hashrateThs: number, chipTempC: number, hwErrors: fc.nat(), voltageV: number },
      { requiredKeys: [] },
    );
    const sample = fc.record(
      {
        atMs: fc.integer({ min: 1, max: 2_000_000_000_000 }),
        intervalMs: fc.nat({ max: 100_000 }),
        status: fc.constantFrom("mining" as const, "fault" as const),
        hashrateThs: number,
        powerW: number,
        uptimeS: number,
        algo: text,
        pool: text,
        clock: fc.constantFrom("unsure" as const, "server" as const),
        powerSource: fc.constantFrom("meter" as const, "model" as const),
        shares: fc.record({ accepted: fc.nat(), rejectedDiff: number }),
        fansRpm: fc.array(fc.nat({ max: 30_000 }), { minLength: 1, maxLength: MAX_FANS }),
        faults: fc.array(fc.record({ code: text }, { requiredKeys: ["code"] }), {
          minLength: 1,
          maxLength: 3,
        }),
        boards: fc
          .array(board, { minLength: 1, maxLength: 4 })
          .map((all) => all.map((each, slot) => ({ slot, ...each }))),
      },
      { requiredKeys: ["atMs", "intervalMs", "status"] },
    );
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: -9_000, max: 9_000 }), sample, (rig, lagMs, read) => {
        const stored = { rig, receivedMs: read.atMs + lagMs, sample: read };
        const [first, ...boards] = linesOf({ ...stored, site: "north" });
        const { series, columns } = answered(first!);
        const back = sampleOf(series, columns, series.values[0]!);
        const parts = boards
          .map((line) => answered(line))
          .map((each) => boardOf(each.columns, each.series.values[0]!));
        if (back && parts.length) Object.assign(back.sample, { boards: parts });
        expect(back).toEqual(stored);
      }),
    );
  });
});
