import type { Totals } from "@hashwatt/protocol/http";
import { describe, expect, it } from "vitest";
import { wordsOf } from "../words/words.js";
import { silentMs } from "./freshness.js";
import { noticesOf } from "./notices.js";
import { scopeOf } from "./useScope.js";

const words = wordsOf("en");
const scope = {
  rigs: 0,
  reporting: 0,
  byStatus: {},
  algos: [],
  powerW: null,
  powerBySource: {},
  powerUnknownRigs: 0,
  money: [],
  co2KgPerH: null,
  co2Rigs: 0,
  hottestChipC: null,
  alertsFiring: 0,
};
const agent = {
  site: "north",
  agent: "main",
  state: "online" as const,
  spoolBatches: 0,
  spoolBytes: 0,
  behindMs: null,
  clockOffsetMs: 0,
  lostBatches: 0,
};
const site = (name: string, zone: string) => ({
  ...scope,
  site: name,
  name,
  zone,
  currency: "USD",
  inputs: [],
});
const totals = (more: Partial<Totals> = {}): Totals => ({
  serverMs: 0,
  newestMs: 60_000,
  fleet: scope,
  sites: [],
  agents: [agent],
  store: { kind: "duckdb", ok: true },
  ...more,
});
const live = { state: "live" as const, sinceMs: 0 };
const texts = (...[connection, of]: [Parameters<typeof noticesOf>[0], Totals | undefined]) =>
  noticesOf(connection, of, 61_000, 5_000, words).map(({ text }) => text);

describe("what must be said", () => {
  it("is nothing when all is well", () => {
    expect(texts(live, totals())).toEqual([]);
    expect(texts(live, undefined)).toEqual([]);
  });
  it("is that too many screens are open, where the server has no place for this one", () => {
    const [said] = texts({ state: "lost", sinceMs: 0, full: true }, totals({ newestMs: 1_000 }));
    expect(said).toContain("Too many screens");
  });
  it("is that the broker is away, and no word against agents that cannot be heard", () => {
    const behind = { ...agent, behindMs: 120_000 };
    const said = texts(
      live,
      totals({
        newestMs: 1_000,
        agents: [behind],
        broker: { ok: false, note: "the broker cannot be reached (ECONNREFUSED)" },
      }),
    );
    expect(said).toHaveLength(1);
    expect(said[0]).toContain("ECONNREFUSED");
  });
  it("is only that the store takes nothing while it does not, for that is why nothing arrives", () => {
    const behind = { ...agent, behindMs: 120_000 };
    const said = texts(
      live,
      totals({
        newestMs: 1_000,
        agents: [behind],
        store: { kind: "influxdb", ok: false, note: "no answer" },
      }),
    );
    expect(said).toHaveLength(1);
    expect(said[0]).toContain("no answer");
  });
  it("is how old the figures are when the connection is lost", () => {
    expect(texts({ state: "lost", sinceMs: 0 }, totals({ newestMs: 1_000 }))[0]).toContain("1 min old");
    expect(texts({ state: "lost", sinceMs: 0 }, undefined)[0]).toContain("does not answer");
  });
  it("is how far an agent is behind, not the backlog of an ordinary batch", () => {
    expect(texts(live, totals({ agents: [{ ...agent, behindMs: 540_000 }] }))).toEqual([
      "Agent north/main is catching up, 9 min behind. Live figures are not delayed; charts fill in.",
    ]);
    expect(texts(live, totals({ agents: [{ ...agent, behindMs: 300 }] }))).toEqual([]);
  });
  it("is nothing of an agent that said goodbye and that no rig needs", () => {
    const gone = { ...agent, state: "offline" as const };
    expect(texts(live, totals({ agents: [gone] }))).toHaveLength(1);
    expect(texts(live, totals({ agents: [{ ...gone, leftMs: 1_000 }] }))).toEqual([]);
  });
  it("is silence behind an open connection, and then nobody is catching up", () => {
    const behind = { ...agent, behindMs: 540_000 };
    expect(texts(live, totals({ newestMs: 20_000, agents: [behind] }))).toEqual([
      "No reading has arrived for 41 s, though the server answers. Check the agent and its network.",
    ]);
    expect(texts(live, totals({ agents: [{ ...behind, state: "offline" }] })).join()).not.toContain(
      "catching up",
    );
    const quiet = { ...site("north", "UTC"), rigs: 2, reporting: 0 };
    expect(texts(live, totals({ sites: [quiet], agents: [behind] }))).toEqual([]);
  });
  it("is no silence before three intervals", () => {
    expect(silentMs(totals({ newestMs: 20_000 }), 61_000, 20_000)).toBeUndefined();
    expect(silentMs(totals({ newestMs: 20_000 }), 61_000, undefined)).toBe(41_000);
    expect(silentMs(totals({ newestMs: null }), 61_000, 5_000)).toBeUndefined();
  });
  it("is an agent that is offline and a store that takes nothing, with its reason", () => {
    const said = texts(
      live,
      totals({
        agents: [{ ...agent, state: "offline" }],
        store: { kind: "duckdb", ok: false, note: "disk full" },
      }),
    );
    expect(said[0]).toContain("disk full");
    expect(said[1]).toContain("north/main is offline");
  });
});

describe("the scope of a page", () => {
  const two = totals({ sites: [site("north", "Asia/Shanghai"), site("south", "America/Chicago")] });
  it("is the chosen site with its zone", () => {
    expect(scopeOf(two, "south")).toMatchObject({ key: "south", zone: "America/Chicago" });
  });
  it("is everything when the chosen site is gone", () => {
    expect(scopeOf(two, "closed")).toMatchObject({ key: "", sites: [{ site: "north" }, { site: "south" }] });
  });
  it("has the sites' zone where they share one", () => {
    const shared = totals({ sites: [site("north", "Asia/Shanghai"), site("south", "Asia/Shanghai")] });
    expect(scopeOf(shared, "").zone).toBe("Asia/Shanghai");
  });
});
