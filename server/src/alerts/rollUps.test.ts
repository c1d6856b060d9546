import type { AlertView } from "@hashwatt/protocol/http";
import { describe, expect, test } from "vitest";
import { agentFacts, judgedSite, START, siteFacts } from "../fixtures/judgedSite.js";
import { AlertBook } from "./book.js";
import { offline } from "./rules/offline.js";
import { overheating } from "./rules/overheating.js";
import { unprofitable } from "./rules/unprofitable.js";

const brief = (alerts: readonly AlertView[]) =>
  alerts.map(
    ({ rule, state, subject, members }) =>
      `${rule} ${state} ${subject.kind}${members ? ` ${members.count}` : ""}`,
  );
const hot = { chipTempC: 95 };
const cool = { chipTempC: 60 };

describe("many alike alerts", () => {
  test("of a rack are one, however many breach at once, and end as one", () => {
    const it = judgedSite(12, [overheating]);
    it.read(0, hot);
    it.read(5, hot);
    const told = it.told();
    expect(brief(told)).toEqual(["overheating firing rack 12"]);
    expect(told[0]).toMatchObject({ value: 12, subject: { name: "12 rigs of rack-1" }, severity: "danger" });
    expect(told[0]?.reason).toContain("rig 1: Chip 95 °C, limit 85 °C");
    expect(it.book.open().filter(({ partOf }) => partOf === told[0]?.id)).toHaveLength(12);
    for (let s = 10; s <= 330; s += 5) it.read(s, cool);
    expect(brief(it.told())).toEqual(["overheating resolved rack 12"]);
    expect(it.book.open()).toEqual([]);
  });

  test("of a model are one where a model decides, and each model is one by itself", () => {
    const it = judgedSite(16, [unprofitable]);
    for (const view of it.views.slice(6, 12)) view.record.evidence.model = "S21";
    for (const view of it.views.slice(12)) delete view.record.evidence.model;
    for (const view of it.views) view.figures = { revenuePerH: 0.1, costPerH: 0.2, profitPerH: -0.1 };
    for (let s = 0; s <= 600; s += 20) it.read(s, {});
    expect(it.told()).toEqual([]);
    it.read(660, {});
    const told = it.told();
    expect(told.map(({ subject, model }) => `${subject.name}: ${model}`)).toEqual([
      ...[13, 14, 15, 16].map((rig) => `rig ${rig}: undefined`),
      "6 rigs (S19) of rack-1: S19",
      "6 rigs (S21) of rack-1: S21",
    ]);
    expect(new Set(told.map(({ id }) => id)).size).toBe(6);
    expect(told.at(-1)?.lossPerH).toBeCloseTo(0.6, 9);
    const after = new AlertBook([unprofitable]);
    after.restore([...told, ...it.book.open()], START + 690_000);
    expect(after.open().flatMap(({ members, model }) => (members ? `${model}` : []))).toEqual(["S19", "S21"]);
  });

  test("thousands make one page of text", () => {
    const it = judgedSite(2_000, [overheating]);
    it.read(0, hot);
    it.read(5, hot);
    const told = it.told();
    expect(brief(told)).toEqual(["overheating firing row 2000"]);
    expect(JSON.stringify(told).length).toBeLessThan(5_000);
  });

  test("up to four are told by themselves; the fifth makes a group of them, and it is told again when it has doubled", () => {
    const it = judgedSite(20, [overheating]);
    const four = it.views.slice(0, 4);
    it.read(0, hot, four);
    it.read(5, hot, four);
    expect(brief(it.told())).toEqual(Array(4).fill("overheating firing rig"));
    const two = it.views.slice(4, 6);
    it.read(10, hot, two);
    it.read(15, hot, two);
    expect(brief(it.told())).toEqual(["overheating firing rack 6"]);
    const more = it.views.slice(6, 15);
    it.read(100, hot, more);
    it.read(105, hot, more);
    expect(brief(it.told())).toEqual(["overheating firing row 15"]);
  });

  test("that are no danger wait a minute for each other", () => {
    const it = judgedSite(12, [offline]);
    it.read(0, {});
    for (const view of it.views) view.stale = true;
    it.pass(301);
    expect(it.told()).toEqual([]);
    it.pass(362);
    expect(brief(it.told())).toEqual(["offline firing rack 12"]);
  });

  test("wait no longer when the process ends", () => {
    const it = judgedSite(2, [offline]);
    it.read(0, {});
    for (const view of it.views) view.stale = true;
    it.pass(301);
    expect(it.told()).toEqual([]);
    const { transitions } = it.book.takeChanges(it.context.nowMs, true);
    expect(brief(transitions)).toEqual(["offline firing rig", "offline firing rig"]);
  });

  test("are the same group after a restart, neither told anew nor forgotten", () => {
    const it = judgedSite(6, [overheating]);
    it.read(0, hot);
    it.read(5, hot);
    const stored = it.book.takeChanges(it.context.nowMs).transitions;
    const after = new AlertBook([overheating]);
    after.restore(stored, START + 10_000);
    for (const view of it.views) {
      it.context.nowMs = START + 15_000;
      after.step(view, it.context);
    }
    expect(after.takeChanges(START + 15_000).transitions).toEqual([]);
    const end = (s: number) => {
      it.context.nowMs = START + s * 1_000;
      for (const view of it.views) {
        view.reading = { ...view.reading!, ...cool };
        after.step(view, it.context);
      }
      return after
        .takeChanges(it.context.nowMs)
        .transitions.filter(({ partOf }) => partOf === undefined)
        .map(({ id, state }) => `${id} ${state}`);
    };
    end(20);
    end(25);
    const group = stored.find(({ members }) => members)!;
    expect(end(330)).toEqual([`${group.id} resolved`]);
  });
});

describe("an outage", () => {
  test("of a site is told before its rigs are, and these stand under it", () => {
    const it = judgedSite(10, [offline]);
    it.read(0, {});
    for (const view of it.views) view.stale = true;
    const gone = siteFacts({ answering: 0 });
    it.pass(30, [gone]);
    it.pass(151, [gone]);
    expect(brief(it.told())).toEqual(["siteOutage firing site"]);
    it.pass(301, [gone]);
    it.pass(320, [gone]);
    expect(it.told()).toEqual([]);
    expect(it.book.firingCount(1)).toBe(1);
  });

  test("ends with its rigs; who is not back five minutes later is told", () => {
    const it = judgedSite(10, [offline]);
    it.read(0, {});
    for (const view of it.views) view.stale = true;
    const gone = siteFacts({ answering: 0 });
    for (const s of [30, 151, 301, 320]) it.pass(s, [gone]);
    it.told();
    const [lost, ...back] = it.views;
    for (let s = 400; s <= 470; s += 10) {
      it.read(s, {}, back);
      it.pass(s, [siteFacts({ answering: 9 })]);
    }
    expect(brief(it.told())).toEqual(["siteOutage resolved site"]);
    for (let s = 480; s <= 900; s += 10) {
      it.read(s, {}, back);
      it.pass(s, [siteFacts({ answering: 9 })]);
      const told = it.told();
      if (told.length) {
        expect(s).toBeGreaterThan(820);
        expect(told).toMatchObject([{ rule: "offline", rig: lost!.rig, state: "firing" }]);
        return;
      }
    }
    throw new Error("the rig that is lost was never told");
  });

  test("of an agent too; one without rigs may go", () => {
    const it = judgedSite(10, [offline]);
    it.read(0, {});
    for (const view of it.views) view.stale = true;
    it.pass(10, [agentFacts({ silentMs: 10_000 }), agentFacts({ id: "s/b", rigs: 0, silentMs: 900_000 })]);
    expect(it.told()).toEqual([]);
    it.pass(130, [agentFacts({ silentMs: 130_000 })]);
    expect(it.told()).toMatchObject([
      {
        rule: "agentSilent",
        subject: { kind: "agent", id: "s/a" },
        reason: "Nothing has come from agent a for 2 min; it reads 10 rigs",
      },
    ]);
    it.pass(301, [agentFacts({ silentMs: 301_000 })]);
    expect(it.told()).toEqual([]);
    it.pass(302, [agentFacts({ silentMs: 0 })]);
    expect(brief(it.told())).toEqual(["agentSilent resolved agent"]);
  });

  test("of which nobody hears because the server itself hears nothing is none", () => {
    const it = judgedSite(10, [offline]);
    for (let s = 0; s < 900; s += 5)
      it.pass(s, [siteFacts({ answering: 0, heardSinceMs: Number.POSITIVE_INFINITY })]);
    expect(it.told()).toEqual([]);
  });
});
