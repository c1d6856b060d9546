import { RULE_IDS } from "@hashwatt/protocol/alertRules";
import { describe, expect, test } from "vitest";
import { judgedSite, siteFacts } from "../../fixtures/judgedSite.js";
import { Settings } from "../../settings/settings.js";
import { MemoryStateStore } from "../../store/state/memory.js";
import { type AlertRule, alertRuleKind, alertRuleSchema } from "./alertRule.js";
import { RuleSettingsTable, ruleDocuments } from "./ruleSettings.js";

function judgedBy(...rules: [site: string, id: string, rule: unknown][]) {
  const it = judgedSite(3);
  const table = new RuleSettingsTable(it.book);
  table.place = ({ rig }) => ({ rack: `rack-${rig}`, position: "1" });
  const set = (told: typeof rules) =>
    table.set(
      told.map(([site, id, rule]) => ({ site, id, value: alertRuleSchema.parse(rule) as AlertRule })),
      it.context.nowMs,
    );
  set(rules);
  const ids = () => table.ids;
  const firing = () =>
    it.book
      .open()
      .filter(({ state }) => state === "firing")
      .map(({ rule, subject }) => `${rule} ${subject.name}`);
  return { it, set, ids, firing };
}

describe("other numbers for a rule", () => {
  test("count most where they are most particular: of rigs before their site before all", () => {
    const { it, firing } = judgedBy(
      ["", "all", { rule: "inletWarm", limit: 20, holdS: 0 }],
      ["s", "here", { rule: "inletWarm", limit: 30 }],
      ["s", "rack", { rule: "inletWarm", limit: 50, on: ["rack-2/*"] }],
      ["elsewhere", "x", { rule: "inletWarm", enabled: false }],
    );
    it.read(0, { inletTempC: 35 });
    it.read(60, { inletTempC: 35 });
    expect(firing()).toEqual(["inletWarm rig 1", "inletWarm rig 3"]);
    const [alert] = it.book.open();
    expect(alert).toMatchObject({ limit: 30, limitSource: 'setting "here"' });
    // It clears as far below its limit as the default does.
    for (const s of [120, 180, 780, 840]) it.read(s, { inletTempC: 28.5 });
    expect(firing()).toHaveLength(2);
    for (const s of [900, 960, 1_560, 1_620]) it.read(s, { inletTempC: 27 });
    expect(firing()).toEqual([]);
  });

  test("may switch a rule off, which ends what it had open, and set how grave it is", () => {
    const { it, set, firing } = judgedBy(["", "a", { rule: "overheating", severity: "notice", limit: 60 }]);
    it.read(0, { chipTempC: 70 });
    it.read(5, { chipTempC: 70 });
    expect(firing()).toContain("overheating rig 1");
    expect(it.book.worst(1)).toBe("notice");
    set([["", "a", { rule: "overheating", enabled: false }]]);
    it.read(10, { chipTempC: 99 });
    expect(firing()).toEqual([]);
  });

  test("hold for sites as well", () => {
    const { it, firing } = judgedBy(["s", "a", { rule: "siteOutage", holdS: 0 }]);
    it.pass(0, [siteFacts({ answering: 0 })]);
    it.pass(5, [siteFacts({ answering: 0 })]);
    expect(firing()).toEqual(["siteOutage south"]);
  });
});

describe("a rule of the operator's own", () => {
  const rule = { name: "hot rack", when: "boardTempC > 60 and powerW > 1000 for 2m on rack-3/*", clear: 55 };

  test("fires on the rigs it names after its time, and ends at its own clear level", () => {
    const { it, firing } = judgedBy(["", "hot-rack", rule]);
    for (let s = 0; s <= 120; s += 30) it.read(s, { boardTempC: 65, powerW: 3_000 });
    expect(firing()).toEqual(["hot-rack rig 3"]);
    expect(it.book.open()[0]).toMatchObject({
      value: 65,
      limit: 60,
      reason: `hot rack: boardTempC 65 °C, powerW 3000 W (${rule.when})`,
    });
    for (let s = 150; s <= 300; s += 30) it.read(s, { boardTempC: 57, powerW: 3_000 });
    expect(firing()).toHaveLength(1);
    for (let s = 330; s <= 420; s += 30) it.read(s, { boardTempC: 54, powerW: 3_000 });
    expect(firing()).toEqual([]);
  });

  test("that is taken away ends its alerts; one sample alone raises nothing", () => {
    const { it, set, firing } = judgedBy(["s", "x", { name: "n", when: "status = idle" }]);
    it.read(0, { status: "idle" });
    expect(firing()).toEqual([]);
    it.read(60, { status: "idle" });
    expect(firing()).toContain("s.x rig 1");
    set([]);
    expect(firing()).toEqual([]);
  });

  test("is known by its id while it is there, switched off or not, of a site with the name of that", () => {
    const { set, ids } = judgedBy(
      ["", "hot-rack", { ...rule, enabled: false }],
      ["s", "x", { name: "n", when: "status = idle" }],
      ["s", "warm", { rule: "inletWarm", limit: 38 }],
    );
    expect(ids()).toEqual([...RULE_IDS, "hot-rack", "s.x"]);
    set([]);
    expect(ids()).toEqual([...RULE_IDS]);
  });

  test("that is wrong is refused with a caret, and an import that has it keeps the good ones", async () => {
    const { documents } = new MemoryStateStore();
    const settings = await Settings.open({
      documents,
      kinds: [alertRuleKind as never],
      site: () => undefined,
      clock: { nowMs: () => 0 },
    });
    const key = (id: string) => ({ kind: "alertRule", site: "", id });
    const wrong = (body: unknown) => settings.check([{ ...key("a"), body }])[0];
    expect(wrong({ name: "n", when: "chipTempC > warm" })?.message).toBe(
      "is no rule:\nchipTempC > warm\n            ^ a number is expected here",
    );
    expect(wrong({ rule: "overheatin" })?.message).toBe(
      'there is no rule "overheatin"; did you mean overheating?',
    );
    expect(wrong({ rule: "inletWarm", urls: ["*"] })?.message).toBe("only the rule wrongPool compares urls");
    expect(wrong({ rule: "wrongPool", limit: 1 })?.message).toBe("the rule wrongPool has no limit to set");
    await settings.change([{ ...key("good"), body: rule }]);
    await expect(
      settings.change([
        { ...key("good"), body: { ...rule, name: "other" } },
        { ...key("bad"), body: { name: "n", when: "x" } },
      ]),
    ).rejects.toThrow("is no field");
    expect(ruleDocuments(settings)).toMatchObject([{ id: "good", value: { name: "hot rack" } }]);
  });
});
