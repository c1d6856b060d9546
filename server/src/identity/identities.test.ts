import type { Evidence } from "@hashwatt/protocol/sample";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IDENTITY_LIMITS, Identities, type Owner, type Source } from "./identities.js";
import { isRetired } from "./rigIndex.js";

const MAC = "02:00:00:00:00:01";
const MAC2 = "02:00:00:00:00:02";
const live: Source = { site: "s", agent: "a", stream: "live1", live: true };
const backlog: Source = { ...live, stream: "old", live: false };
const WINDOW = 30_000;

const at = (address: string, rest: Partial<Evidence> = {}): Evidence => ({ address, ...rest });
const answers = (ids: Identities, source: Source, handle: string, tMs: number): Owner =>
  ids.ownerOf(source, handle, true, tMs, WINDOW);
const silent = (ids: Identities, source: Source, handle: string, tMs: number): Owner =>
  ids.ownerOf(source, handle, false, tMs, WINDOW);
const kinds = (ids: Identities) => ids.takeChanges().events.map((event) => event.kind);

describe("identities", () => {
  test("a rig first seen by address keeps its key when its MAC becomes known", () => {
    const ids = new Identities([]);
    ids.describe(live, { h1: at("10.0.0.5") }, 0);
    const first = answers(ids, live, "h1", 0);
    ids.describe(live, { h1: at("10.0.0.5", { mac: MAC, model: "S19" }) }, 5_000);
    expect(answers(ids, live, "h1", 5_000)).toBe(first);
    expect(ids.index.record(first as number)?.aliases).toEqual([
      { kind: "address", value: "s/a/h1", sinceMs: 0 },
      { kind: "mac", value: MAC, sinceMs: 5_000 },
    ]);
    expect(kinds(ids)).toEqual([]);
  });

  test("a rig that gets another address keeps its key, its name follows, and an event says so", () => {
    const ids = new Identities([]);
    ids.describe(live, { h1: at("10.0.0.5", { mac: MAC }) }, 0);
    const rig = answers(ids, live, "h1", 0);
    ids.describe(live, { h2: at("10.0.0.9", { mac: MAC }) }, 60_000);
    expect(silent(ids, live, "h1", 60_000)).toBe(rig);
    expect(answers(ids, live, "h2", 60_000)).toBe(rig);
    expect(ids.index.record(rig as number)).toMatchObject({ handle: "h2", name: "10.0.0.9" });
    expect(kinds(ids)).toEqual(["rig-moved"]);
    expect(silent(ids, live, "h1", 65_000)).toBe("elsewhere");
  });

  test("two rigs with one MAC that answer at the same time stay two, and the event names both", () => {
    const ids = new Identities([]);
    ids.describe(live, { h1: at("10.0.0.5", { mac: MAC }), h2: at("10.0.0.6", { mac: MAC }) }, 0);
    const one = answers(ids, live, "h1", 0);
    const two = answers(ids, live, "h2", 100);
    expect(two).not.toBe(one);
    const { events } = ids.takeChanges();
    expect(events.map((event) => event.kind)).toEqual(["rig-twin"]);
    expect(events[0]?.text).toContain("s/a/h1");
    expect(events[0]?.text).toContain("s/a/h2");
    ids.describe({ ...live, stream: "live2" }, { h2: at("10.0.0.6", { mac: MAC }) }, 600_000);
    expect(answers(ids, { ...live, stream: "live2" }, "h2", 600_000)).toBe(two);
    expect(kinds(ids)).toEqual([]);
  });

  test.each([
    ["model", at("10.0.0.5", { model: "Antminer S19" }), at("10.0.0.5", { model: "M50S" })],
    [
      "worker",
      at("10.0.0.5", { pools: [{ url: "p", user: "alice.1" }] }),
      at("10.0.0.5", { pools: [{ url: "p", user: "bob.7" }] }),
    ],
    ["MAC", at("10.0.0.5", { mac: MAC }), at("10.0.0.5", { mac: MAC2 })],
  ])("another %s at a known address is another rig, and the first one retires", (_what, before, after) => {
    const ids = new Identities([]);
    ids.describe(live, { h1: before }, 0);
    const first = answers(ids, live, "h1", 0) as number;
    ids.describe(live, { h1: after }, 5_000);
    const second = answers(ids, live, "h1", 5_000);
    expect(second).not.toBe(first);
    expect(kinds(ids)).toEqual(["rig-replaced"]);
    expect(isRetired(ids.index.record(first)!)).toBe(true);
    ids.describe(live, { h1: before }, 90_000);
    expect(answers(ids, live, "h1", 90_000)).toBe(first);
  });

  test("a switch between a rig's own pools is no change of worker", () => {
    const ids = new Identities([]);
    const pools = [
      { url: "p1", user: "alice.1" },
      { url: "p2", user: "alice.2" },
    ];
    ids.describe(live, { h1: at("10.0.0.5", { pools }) }, 0);
    const rig = answers(ids, live, "h1", 0);
    ids.describe(live, { h1: at("10.0.0.5", { pools: [pools[1]!] }) }, 1);
    expect(answers(ids, live, "h1", 1)).toBe(rig);
  });

  test("a host name alone merges nothing", () => {
    const ids = new Identities([]);
    ids.describe(
      live,
      { h1: at("10.0.0.5", { hostname: "antMiner" }), h2: at("10.0.0.6", { hostname: "antMiner" }) },
      0,
    );
    expect(answers(ids, live, "h1", 0)).not.toBe(answers(ids, live, "h2", 0));
  });

  test("a serial number that two MACs share does not merge their rigs", () => {
    const ids = new Identities([]);
    ids.describe(live, { h1: at("10.0.0.5", { mac: MAC, serial: "SN1234" }) }, 0);
    const one = answers(ids, live, "h1", 0);
    ids.describe(live, { h2: at("10.0.0.6", { mac: MAC2, serial: "SN1234" }) }, 900_000);
    expect(answers(ids, live, "h2", 900_000)).not.toBe(one);
  });

  test("a backlog is assigned by the evidence of its own time and moves nothing of now", () => {
    const ids = new Identities([]);
    ids.describe(live, { h1: at("10.0.0.5", { mac: MAC2 }) }, 0);
    const now = answers(ids, live, "h1", 0);
    ids.describe(backlog, { h1: at("10.0.0.5", { mac: MAC }) }, 10);
    const then = answers(ids, backlog, "h1", -3_600_000);
    expect(then).not.toBe(now);
    expect(answers(ids, live, "h1", 20)).toBe(now);
    expect(ids.index.record(now as number)).toMatchObject({ handle: "h1" });

    const { rigs, settings } = ids.takeChanges();
    const restarted = new Identities(rigs);
    for (const { value } of settings) restarted.restoreBindings("s", "a", value);
    expect(answers(restarted, backlog, "h1", -3_590_000)).toBe(then);
    expect(answers(restarted, { ...live, stream: "live9" }, "h1", 100)).toBe(now);
  });

  test("a live stream that becomes backlog stops moving rigs", () => {
    const ids = new Identities([]);
    ids.describe(live, { h1: at("10.0.0.5", { mac: MAC }) }, 0);
    const rig = answers(ids, live, "h1", 0);
    const next = { ...live, stream: "live2" };
    ids.describe(next, { h2: at("10.0.0.9", { mac: MAC }) }, 100_000);
    answers(ids, next, "h2", 100_000);
    expect(answers(ids, { ...live, live: false }, "h1", 5_000)).toBe(rig);
    expect(ids.index.record(rig as number)?.handle).toBe("h2");
  });

  test("notes of how a rig is read go with the reading that has none, unlike what else was told", () => {
    const ids = new Identities([]);
    const notes = [{ code: "loginRefused", text: "http://h1/ wants a login" }];
    ids.describe(live, { h1: at("h1", { mac: MAC, notes }) }, 0);
    const rig = answers(ids, live, "h1", 0);
    expect(ids.index.record(rig as number)?.evidence).toMatchObject({ mac: MAC, notes });
    ids.describe(live, { h1: at("h1") }, 10);
    answers(ids, live, "h1", 10);
    expect(ids.index.record(rig as number)?.evidence).toEqual({ address: "h1", mac: MAC });
  });

  test("evidence that came with a late batch of the live stream counts from the next live sample on", () => {
    const ids = new Identities([]);
    const rig = answers(ids, live, "h1", 0);
    ids.describe({ ...live, live: false }, { h1: at("10.0.0.5", { model: "S19" }) }, 10);
    expect(answers(ids, { ...live, live: false }, "h1", 10)).toBe(rig);
    expect(ids.index.record(rig as number)?.evidence).toEqual({ address: "h1" });
    expect(answers(ids, live, "h1", 20)).toBe(rig);
    expect(ids.index.record(rig as number)?.evidence).toMatchObject({ address: "10.0.0.5", model: "S19" });
  });

  test("a handle without evidence gets a rig of its own until its evidence comes again", () => {
    const ids = new Identities([]);
    const rig = answers(ids, live, "10-0-0-5", 0);
    ids.describe(live, { "10-0-0-5": at("10.0.0.5", { mac: MAC }) }, 10);
    expect(answers(ids, live, "10-0-0-5", 10)).toBe(rig);
    expect(ids.index.record(rig as number)).toMatchObject({ name: "10.0.0.5" });
  });

  test("beyond its bound no rig is made, and the caller hears it", () => {
    const ids = new Identities([], { ...IDENTITY_LIMITS, maxRigsPerAgent: 2 });
    expect(ids.describe(live, { a: at("1"), b: at("2"), c: at("3") }, 0)).toBe(1);
    expect(answers(ids, live, "d", 0)).toBe("full");
    expect(ids.index.size).toBe(2);
  });

  test("handles beyond the bound are refused even when all of them name one rig", () => {
    const ids = new Identities([], { ...IDENTITY_LIMITS, maxRigsPerAgent: 2 });
    const one = at("10.0.0.5", { mac: MAC });
    expect(ids.describe(live, { a: one, b: one, c: one, d: one }, 0)).toBe(2);
    expect(ids.describe(live, { a: one, e: one }, 1)).toBe(1);
    expect(answers(ids, live, "a", 2)).toBe(1);
    expect(answers(ids, live, "c", 2)).toBe("full");
    expect(ids.index.size).toBe(1);
  });

  test("an agent too many is refused, those that are known go on", () => {
    const ids = new Identities([], { ...IDENTITY_LIMITS, maxAgents: 1 });
    const rig = answers(ids, live, "h1", 0);
    const other = { ...live, agent: "b" };
    expect(ids.describe(other, { h1: at("1"), h2: at("2") }, 0)).toBe(2);
    expect(answers(ids, other, "h3", 0)).toBe("full");
    ids.restoreBindings("s", "b", JSON.stringify({ s1: { h1: rig } }));
    expect(answers(ids, { ...live, stream: "live2" }, "h1", 10)).toBe(rig);
  });

  test("a stream named __proto__ is a name like any other, and reaches no other object", () => {
    const ids = new Identities([]);
    ids.describe(live, { rig: at("10.0.0.5", { mac: MAC }) }, 0);
    answers(ids, live, "rig", 0);
    const late = { ...backlog, stream: "__proto__" };
    ids.describe(late, { rig: at("10.0.0.5", { mac: MAC2 }) }, 0);
    const then = answers(ids, late, "rig", -3_600_000);
    const { rigs, settings } = ids.takeChanges();
    expect("rig" in {}).toBe(false);
    const restarted = new Identities(rigs);
    for (const { value } of settings) restarted.restoreBindings("s", "a", value);
    expect(answers(restarted, late, "rig", -3_590_000)).toBe(then);
  });

  test("another MAC where a twin was is another rig, though the twin's own MAC is the alias of the first", () => {
    const ids = new Identities([]);
    ids.describe(live, { h1: at("10.0.0.5", { mac: MAC }), h2: at("10.0.0.6", { mac: MAC }) }, 0);
    const one = answers(ids, live, "h1", 0);
    const twin = answers(ids, live, "h2", 100) as number;
    ids.describe(live, { h2: at("10.0.0.6", { mac: MAC2 }) }, 900_000);
    const third = answers(ids, live, "h2", 900_000) as number;
    expect(new Set([one, twin, third]).size).toBe(3);
    expect(ids.index.record(third)?.evidence.mac).toBe(MAC2);
    expect(ids.index.record(twin)?.evidence.mac).toBe(MAC);
    expect(kinds(ids)).toEqual(["rig-twin", "rig-replaced"]);
  });

  test("after a failed commit the same records are offered again", () => {
    const ids = new Identities([]);
    answers(ids, live, "h1", 0);
    const changes = ids.takeChanges();
    ids.putBack(changes);
    expect(ids.takeChanges().rigs).toEqual(changes.rigs);
  });

  test("whatever is told, an alias names one rig, and one moment at two places is two rigs", () => {
    const step = fc.record({
      handle: fc.constantFrom("h1", "h2", "h3"),
      mac: fc.option(fc.constantFrom(MAC, MAC2), { nil: undefined }),
      model: fc.option(fc.constantFrom("S19", "M50S"), { nil: undefined }),
      answered: fc.boolean(),
      live: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const ids = new Identities([]);
        steps.forEach((told, i) => {
          const source = told.live ? live : backlog;
          const tMs = i * 1_000;
          ids.describe(
            source,
            {
              [told.handle]: at(told.handle, {
                ...(told.mac && { mac: told.mac }),
                ...(told.model && { model: told.model }),
              }),
            },
            tMs,
          );
          ids.ownerOf(source, told.handle, told.answered, tMs, WINDOW);
        });
        const owners = new Map<string, number>();
        for (const record of ids.index.records())
          for (const { kind, value } of record.aliases) {
            expect(owners.has(`${kind}:${value}`)).toBe(false);
            owners.set(`${kind}:${value}`, record.rig);
          }
        // All three answer within one second of each other: three rigs.
        const end = steps.length * 1_000;
        const now = ["h1", "h2", "h3"].map((handle, i) => answers(ids, live, handle, end + i));
        expect(new Set(now).size).toBe(3);
      }),
      { numRuns: 300 },
    );
  });
});
