import { describe, expect, test } from "vitest";
import { judgedSite } from "../../fixtures/judgedSite.js";
import { alertRuleSchema } from "../custom/alertRule.js";
import { RuleSettingsTable } from "../custom/ruleSettings.js";
import { PoolCensus } from "../poolCensus.js";

const OURS = { url: "stratum+tcp://btc.pool.example:3333", user: "farm1.rig", active: true };
const urls = ["*.pool.example"];
const accounts = ["farm1", "farm2.*"];

/** A site of so many rigs of which the first works for `pool` for three minutes, and the others for ours. */
function siteWith(setting: object, pool: { url: string; user?: string }, rigs = 6) {
  const it = judgedSite(rigs);
  const table = new RuleSettingsTable(it.book);
  const value = alertRuleSchema.parse({ rule: "wrongPool", ...setting });
  table.set([{ site: "s", id: "pools", value }], it.context.nowMs);
  const census = new PoolCensus();
  for (const view of it.views) {
    const its = view.rig === 1 ? { ...pool, active: true } : OURS;
    view.record.evidence = { ...view.record.evidence, pools: [its] };
    census.add(view, { kind: "rig", id: "", name: "" });
  }
  census.facts(0);
  it.context.pools = census;
  for (let s = 0; s <= 180; s += 60)
    for (const view of it.views) it.read(s, { pool: view.record.evidence.pools![0]!.url }, [view]);
  return it;
}

/** What the alert of such a rig says. */
function told(...site: Parameters<typeof siteWith>) {
  const it = siteWith(...site);
  const alerts = it.book.open().filter(({ rule, state }) => rule === "wrongPool" && state === "firing");
  expect(alerts.filter(({ rig }) => rig !== 1)).toEqual([]);
  return alerts.map(({ reason, limitSource }) => `${reason} | ${limitSource}`)[0];
}

describe("wrongPool", () => {
  const stranger = { url: "stratum+tcp://stranger.example:3333", user: "farm1.x" };
  const thief = { url: OURS.url, user: "thief.x" };
  test.each([
    ["a pool that no pattern means", { urls }, stranger, 6, 'meant are *.pool.example | setting "pools"'],
    [
      "an account that no pattern means",
      { accounts },
      thief,
      6,
      'meant are farm1, farm2.* | setting "pools"',
    ],
    ["a rig that is alone at its site", { urls, accounts }, stranger, 1, 'setting "pools"'],
    ["an account that is not usual, beside set pools", { urls }, thief, 6, "the 6 rigs of its site"],
    ["a pool that is not usual, beside set accounts", { accounts }, stranger, 6, "the 6 rigs of its site"],
    ["without lists what is not usual", {}, stranger, 6, "the 6 rigs of its site"],
  ])("tells %s", (_what, setting, pool, rigs, says) => {
    expect(told(setting, pool, rigs)).toContain(says);
  });

  test.each([
    ["what the patterns mean", { urls, accounts }, { ...OURS, user: "FARM1.other" }, 6],
    ["a user by its whole name", { accounts }, { ...OURS, user: "farm2.other" }, 1],
    ["a pool that only the list knows", { urls: ["stranger.example:3333", ...urls], accounts }, stranger, 6],
    ["a rig whose user is not told", { accounts }, { url: OURS.url }, 6],
    ["a rig that is alone, without lists", {}, stranger, 1],
  ])("does not tell %s", (_what, setting, pool, rigs) => {
    expect(told(setting, pool, rigs)).toBeUndefined();
  });

  test("goes on while the rig stands still with the same list, and ends once that is put right", () => {
    const it = siteWith({ urls }, stranger);
    const [first] = it.views;
    const firing = () =>
      it.book.open(1).flatMap(({ rule, state }) => (rule === "wrongPool" ? `${rule} ${state}` : []));
    for (let s = 240; s <= 1_800; s += 60) it.read(s, { status: "idle", hashrateThs: 0 }, [first!]);
    expect(firing()).toEqual(["wrongPool firing"]);
    first!.record.evidence = { ...first!.record.evidence, pools: [OURS] };
    for (let s = 1_860; s <= 2_400; s += 60) it.read(s, { status: "idle", hashrateThs: 0 }, [first!]);
    expect(firing()).toEqual([]);
  });

  test("neither ends nor is anew while the rig mines and does not say for whom", () => {
    const it = siteWith({ urls }, stranger);
    const [first] = it.views;
    // Its list begins with ours: the stranger is at the second place.
    first!.record.evidence = { ...first!.record.evidence, pools: [OURS, { ...stranger, active: true }] };
    for (let s = 240; s <= 600; s += 60) it.read(s, { hashrateThs: 100 }, [first!]);
    const alert = it.book.open(1).find(({ rule }) => rule === "wrongPool");
    expect(alert?.state).toBe("firing");
    expect(alert?.reason).toMatch(/^Works at stranger/);
  });

  test("names no account where the list of the rig is older than its pool", () => {
    const it = siteWith({}, OURS);
    const [first] = it.views;
    for (let s = 240; s <= 600; s += 60) it.read(s, { pool: stranger.url }, [first!]);
    const alert = it.book.open(1).find(({ rule }) => rule === "wrongPool");
    expect(alert?.reason).toMatch(/^Works at stranger\.example:3333, which hardly any/);
  });
});
