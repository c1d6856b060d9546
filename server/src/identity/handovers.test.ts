import type { Evidence } from "@hashwatt/protocol/sample";
import { describe, expect, test } from "vitest";
import { HANDOVERS_SETTING } from "./handovers.js";
import { Identities, type Source } from "./identities.js";
import { isRetired } from "./rigIndex.js";

const MAC = "02:00:00:00:00:01";
const MAC2 = "02:00:00:00:00:02";
const WINDOW = 30_000;
const a: Source = { site: "s", agent: "a", stream: "a1", live: true };
const b: Source = { site: "s", agent: "b", stream: "b1", live: true };

const at = (address: string, rest: Partial<Evidence> = {}): Evidence => ({ address, ...rest });
const answers = (ids: Identities, source: Source, handle: string, tMs: number) =>
  ids.ownerOf(source, handle, true, tMs, WINDOW);
const silent = (ids: Identities, source: Source, handle: string, tMs: number) =>
  ids.ownerOf(source, handle, false, tMs, WINDOW);
const kinds = (ids: Identities) => ids.takeChanges().events.map((event) => event.kind);

/** What a restart leaves: records and settings as the state file has them. */
function restarted(ids: Identities): Identities {
  const settings = new Map(ids.takeChanges().settings.map(({ key, value }) => [key, value]));
  const next = new Identities([...ids.index.records()]);
  const handovers = settings.get(HANDOVERS_SETTING);
  if (handovers !== undefined) next.handovers.restore(handovers);
  for (const [key, value] of settings) {
    const [kind, site = "", agent = ""] = key.split("/");
    if (kind === "bindings") next.restoreBindings(site, agent, value);
  }
  return next;
}

/** A rig whose control board is swapped: another MAC answers where it was. */
function swapped(): { ids: Identities; old: number; fresh: number } {
  const ids = new Identities([]);
  ids.describe(a, { h1: at("10.0.0.5", { mac: MAC }) }, 0);
  const old = answers(ids, a, "h1", 0) as number;
  ids.describe(a, { h1: at("10.0.0.5", { mac: MAC2 }) }, 60_000);
  const fresh = answers(ids, a, "h1", 60_000) as number;
  return { ids, old, fresh };
}

describe("merging", () => {
  test("a rig with a new control board is its old self again, for samples, history and after a restart", () => {
    const { ids, old, fresh } = swapped();
    expect([fresh === old, isRetired(ids.index.record(old)!)]).toEqual([false, true]);
    ids.handovers.merge(fresh, old, 70_000, WINDOW);
    expect(answers(ids, a, "h1", 75_000)).toBe(old);
    expect(ids.handovers.joined(old)).toEqual([fresh]);
    expect(isRetired(ids.index.record(fresh)!)).toBe(true);
    expect(ids.index.record(old)).toMatchObject({ handle: "h1", evidence: { mac: MAC2 } });
    const next = restarted(ids);
    next.describe({ ...a, stream: "a2" }, { h1: at("10.0.0.5", { mac: MAC2 }) }, 100_000);
    expect(answers(next, { ...a, stream: "a2" }, "h1", 100_000)).toBe(old);
    expect(next.handovers.joined(old)).toEqual([fresh]);
  });

  test("undone, both are what they were, and what answers is the later one again", () => {
    const { ids, old, fresh } = swapped();
    const before = [ids.index.record(old), ids.index.record(fresh)];
    ids.handovers.merge(fresh, old, 70_000, WINDOW);
    const later = restarted(ids);
    later.handovers.undo(fresh, 80_000, WINDOW);
    expect([later.index.record(old), later.index.record(fresh)]).toEqual(before);
    expect(answers(later, a, "h1", 85_000)).toBe(fresh);
    expect(later.handovers.joined(old)).toEqual([]);
    expect(kinds(later)).toEqual(["rig-undone"]);
    // Once more, undone in the same run.
    later.handovers.merge(fresh, old, 90_000, WINDOW);
    expect(answers(later, a, "h1", 91_000)).toBe(old);
    later.handovers.undo(fresh, 92_000, WINDOW);
    expect(answers(later, a, "h1", 93_000)).toBe(fresh);
  });

  test("two rigs that one agent reads at the same time are refused, and so is what is merged already", () => {
    const ids = new Identities([]);
    ids.describe(a, { h1: at("10.0.0.5", { mac: MAC }), h2: at("10.0.0.6", { mac: MAC2 }) }, 0);
    const [one, two] = [answers(ids, a, "h1", 0) as number, answers(ids, a, "h2", 0) as number];
    expect(() => ids.handovers.merge(one, two, 5_000, WINDOW)).toThrow(
      /both answer now, so they are two rigs/,
    );
    expect(() => ids.handovers.merge(one, one, 5_000, WINDOW)).toThrow(/with itself/);
    expect(() => ids.handovers.merge(one, 9, 5_000, WINDOW)).toThrow(/no rig "r9"/);
    expect(() => ids.handovers.undo(one, 5_000, WINDOW)).toThrow(/neither merged nor split/);
    ids.handovers.merge(one, two, 90_000, WINDOW);
    expect(() => ids.handovers.merge(one, two, 90_000, WINDOW)).toThrow(/handed over to r2/);
    expect(ids.index.record(two)?.aliases.map(({ value }) => value)).toEqual(
      expect.arrayContaining([MAC, MAC2]),
    );
  });

  test("histories of histories join, and are undone from the outside in", () => {
    const ids = new Identities([]);
    for (const [i, handle] of ["h1", "h2", "h3"].entries()) {
      ids.describe(a, { [handle]: at(`10.0.0.${i}`) }, 0);
      answers(ids, a, handle, 0);
    }
    ids.handovers.merge(1, 2, 90_000, WINDOW);
    ids.handovers.merge(2, 3, 90_000, WINDOW);
    expect(ids.handovers.joined(3)).toEqual([2, 1]);
    expect(() => ids.handovers.undo(1, 90_000, WINDOW)).toThrow(/undo that of r2 first/);
    ids.handovers.undo(2, 90_000, WINDOW);
    ids.handovers.undo(1, 90_000, WINDOW);
    expect(["h1", "h2", "h3"].map((handle) => answers(ids, a, handle, 99_000))).toEqual([1, 2, 3]);
  });

  test("a damaged record of merges is no start without them", () =>
    expect(() => new Identities([]).handovers.restore("{")).toThrow(/identity\/handovers.*restore a backup/));
});

describe("splitting", () => {
  test("what answers is another rig from then on, after a restart too, and undone it goes on as one", () => {
    const ids = new Identities([]);
    ids.describe(a, { h1: at("10.0.0.5", { mac: MAC }) }, 0);
    const old = answers(ids, a, "h1", 0) as number;
    const fresh = ids.handovers.split(old, 5_000);
    expect(answers(ids, a, "h1", 6_000)).toBe(fresh);
    expect(isRetired(ids.index.record(old)!)).toBe(true);
    const next = restarted(ids);
    next.describe({ ...a, stream: "a2" }, { h1: at("10.0.0.5", { mac: MAC }) }, 60_000);
    expect(answers(next, { ...a, stream: "a2" }, "h1", 60_000)).toBe(fresh);
    expect(() => next.handovers.split(old, 60_000)).toThrow(/handed over to r2/);
    next.handovers.undo(old, 70_000, WINDOW);
    expect(answers(next, { ...a, stream: "a2" }, "h1", 75_000)).toBe(old);
    expect(next.handovers.joined(old)).toEqual([fresh]);
    expect(kinds(next)).toEqual(["rig-merged", "rig-undone"]);
  });
});

describe("two agents on one rig", () => {
  const rig = { h1: at("10.0.0.5", { mac: MAC }) };

  test("both are heard, an event names them once, and that one does not reach the rig is no outage", () => {
    const ids = new Identities([]);
    ids.describe(a, rig, 0);
    const key = answers(ids, a, "h1", 0);
    ids.describe(b, rig, 1_000);
    for (let tMs = 1_000; tMs < 60_000; tMs += 5_000) {
      expect(answers(ids, b, "h1", tMs)).toBe(key);
      expect(answers(ids, a, "h1", tMs + 2_000)).toBe(key);
    }
    const { events } = ids.takeChanges();
    expect(events.map(({ kind }) => kind)).toEqual(["rig-two-agents"]);
    expect(events[0]?.text).toContain("s/a and s/b");
    expect(answers(ids, b, "h1", 62_000)).toBe(key);
    expect(silent(ids, a, "h1", 63_000)).toBe("elsewhere");
    expect(silent(ids, b, "h1", 64_000)).toBe(key);
    expect(answers(ids, a, "h1", 65_000)).toBe(key);
    expect(silent(ids, b, "h1", 66_000)).toBe("elsewhere");
    expect(ids.takeChanges()).toEqual({ rigs: [], events: [], settings: [] });
  });

  test("they are still one rig after a restart that has seen no evidence", () => {
    const ids = new Identities([]);
    ids.describe(a, rig, 0);
    const key = answers(ids, a, "h1", 0);
    ids.describe(b, rig, 1_000);
    answers(ids, b, "h1", 1_000);
    const next = restarted(ids);
    expect(answers(next, b, "h1", 60_000)).toBe(key);
    expect(answers(next, a, "h1", 61_000)).toBe(key);
    expect(kinds(next)).toEqual(["rig-two-agents"]);
    expect(next.index.size).toBe(1);
  });

  test("one MAC at two addresses is two rigs all the same", () => {
    const ids = new Identities([]);
    ids.describe(a, rig, 0);
    const one = answers(ids, a, "h1", 0);
    ids.describe(b, { h2: at("10.0.9.5", { mac: MAC }) }, 1_000);
    expect(answers(ids, b, "h2", 1_000)).not.toBe(one);
    expect(kinds(ids)).toEqual(["rig-twin"]);
  });

  test("without a MAC they are two until an operator merges them", () => {
    const ids = new Identities([]);
    ids.describe(a, { h1: at("10.0.0.5") }, 0);
    ids.describe(b, { h1: at("10.0.0.5") }, 0);
    const [one, two] = [answers(ids, a, "h1", 0) as number, answers(ids, b, "h1", 0) as number];
    expect(one).not.toBe(two);
    ids.handovers.merge(two, one, 1_000, WINDOW);
    expect([answers(ids, a, "h1", 2_000), answers(ids, b, "h1", 2_500)]).toEqual([one, one]);
    expect(kinds(ids)).toEqual(["rig-merged", "rig-two-agents"]);
    expect(ids.index.size).toBe(2);
  });
});
