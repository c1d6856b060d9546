import { readFileSync } from "node:fs";
import { RULE_IDS } from "@hashwatt/protocol/alertRules";
import { describe, expect, test } from "vitest";
import { board, boards, RULE_TABLE, shares, WARM_MIN, warmRig } from "../../fixtures/ruleTable.js";
import { revenueSeries } from "../../rates/hashprice/revenueSeries.js";
import { FACT_RULES } from "./factRules.js";
import { RULES } from "./registry.js";
import type { RuleContext } from "./rule.js";

/** Rules with a test file or an own test of their own, below or beside. */
const ELSEWHERE = [
  "offline",
  "overheating",
  "unprofitable",
  "hot",
  "tempRising",
  "hwErrors",
  "rejects",
  "acceptedLow",
  "rebootLoop",
];

describe("every rule of the table", () => {
  test("is in the registry, and every rule is in the table or has a test elsewhere, a word and a line in docs/alerts.md", () => {
    expect([...Object.keys(RULE_TABLE), ...ELSEWHERE].sort()).toEqual(RULES.map(({ id }) => id).sort());
    const docs = readFileSync(new URL("../../../../docs/alerts.md", import.meta.url), "utf8");
    const all = [...RULES, ...Object.values(FACT_RULES).flat()].map(({ id }) => id);
    expect(all.filter((id) => !docs.includes(`| \`${id}\` |`))).toEqual([]);
    expect([...all].sort()).toEqual([...RULE_IDS].sort());
  });

  describe.each(Object.entries(RULE_TABLE))(
    "%s",
    (id, { breach, between, clear = {}, unknown, context, slowMin = 0 }) => {
      const start = () => {
        const at = warmRig(id);
        at.it.transitions();
        const set = (on: boolean) => {
          for (const key of Object.keys(context ?? {}) as (keyof RuleContext)[])
            if (key !== "pools") Object.assign(at.it.context, { [key]: on ? context![key] : undefined });
            else at.it.context.pools = context!.pools!;
        };
        set(true);
        return { ...at, set };
      };
      const longMin = (holdMs: number) => Math.ceil(holdMs / 60_000) + 3 + slowMin;

      test("fires after its hold and not by one reading, and ends after its rest", () => {
        const { it, rule, read, open, set } = start();
        read(breach);
        expect(it.transitions(), "one reading").toEqual(rule.samples === 1 ? [`${id} firing`] : []);
        read(breach, longMin(rule.holdMs));
        expect(open()).toEqual([`${id} firing`]);
        if (between) {
          read(between, longMin(rule.resolveHoldMs) + 30);
          expect(open(), "between its limits").toEqual([`${id} firing`]);
        }
        set(false);
        read(clear, longMin(rule.resolveHoldMs) + slowMin);
        expect(open()).toEqual([]);
        expect(it.transitions().at(-1)).toBe(`${id} resolved`);
      });

      test("is judged alike where settings are looked up for each rig", () => {
        const [plain, looked] = [start(), start()];
        looked.it.book.settings = (each) => each;
        const told = [plain, looked].map(({ it, rule, read, set }) => {
          read(breach, longMin(rule.holdMs));
          set(false);
          read(clear, longMin(rule.resolveHoldMs) + slowMin);
          return it.transitions();
        });
        expect(told[0]).toEqual([`${id} firing`, `${id} resolved`]);
        expect(told[1]).toEqual(told[0]);
      });

      test("is in the dark without its figures, which raises nothing and holds what is", () => {
        const { rule, read, open } = start();
        if (!unknown) return;
        read(unknown, longMin(rule.holdMs));
        expect(open()).toEqual([]);
        read(breach, longMin(rule.holdMs));
        read({ ...breach, ...unknown }, 8);
        expect(open()).toEqual([`${id} firing`]);
      });

      test("is silent while the rig is offline", () => {
        const { it, rule, read, open } = start();
        if (!rule.inhibitedBy.includes("offline") || context?.stop) return;
        read({ status: "unreachable" }, 7);
        it.transitions();
        expect(it.open()).toEqual(["offline firing"]);
        for (let i = 0; i < 5; i++) it.passes(60 * (WARM_MIN + 7) + i);
        expect(open()).toEqual([]);
      });
    },
  );
});

describe("rules that remember", () => {
  test("a sensor above a sourced warning is hot after five minutes; one without a warning is not", () => {
    const { it, read, open } = warmRig("hot");
    read({ chipTempC: 94 }, 10);
    expect(open()).toEqual([]);
    it.view.limits = { chip: { limitC: 95, warnC: 85, source: "x", name: "x" } };
    read({ chipTempC: 86 }, 7);
    expect(open()).toEqual(["hot firing"]);
    read({ chipTempC: 83 }, 20);
    expect(open()).toEqual(["hot firing"]);
    read({ chipTempC: 81 }, 8);
    expect(open()).toEqual([]);
  });

  test("a temperature that rises by more than 12 °C from minute to minute is told", () => {
    const { read, open } = warmRig("tempRising");
    for (const chipTempC of [50, 63, 76]) read({ chipTempC });
    expect(open()).toEqual(["tempRising firing"]);
    read({ chipTempC: 76 }, 9);
    expect(open()).toEqual([]);
  });

  test("three restarts within an hour are a loop", () => {
    const { read, open } = warmRig("rebootLoop");
    for (let i = 0; i < 3; i++) {
      expect(open()).toEqual([]);
      read({ uptimeS: 10 });
      read({ uptimeS: 5_000 }, 4);
    }
    expect(open()).toEqual(["rebootLoop firing"]);
    read({ uptimeS: 9_000 }, 65);
    expect(open()).toEqual([]);
  });

  test.each([
    ["rejects", { rejected: 0.1 }, "10 % of"],
    ["acceptedLow", { kept: 0.7 }, "The pool accepted"],
  ])("%s over four hours is told, and no sooner than it is no chance", (id, how, reason) => {
    const { it, read, open } = warmRig(id);
    for (let minute = 0; minute < 240; minute++) read({ ...shares(1_000 + minute, {}) });
    expect(open()).toEqual([]);
    const base = shares(1_240, {}).shares;
    for (let minute = 0; minute < 300; minute++) {
      const more = shares(minute, how).shares;
      read({
        shares: {
          accepted: base.accepted + more.accepted,
          rejected: base.rejected + more.rejected,
          acceptedDiff: base.acceptedDiff + more.acceptedDiff,
        },
      });
    }
    expect(open()).toEqual([`${id} firing`]);
    expect(it.book.open(7)[0]?.reason).toContain(reason);
  });

  test("a board that is missing is what its alert is about; of two it is the rig, and both are named", () => {
    const one = warmRig("boardMissing");
    one.read({ boards: boards({}, 2) }, 7);
    expect(one.it.book.open(7)[0]).toMatchObject({
      subject: { kind: "board", id: "r7/2" },
      reason: "1 of 3 boards does not work any more, the one in slot 2",
    });
    // It stays about that board when another follows.
    one.read({ boards: boards({}, 1) }, 3);
    expect(one.it.book.open(7)[0]).toMatchObject({
      subject: { id: "r7/2" },
      reason: "2 of 3 boards do not work any more, those in slots 1, 2",
    });
    const two = warmRig("boardMissing");
    two.read({ boards: [board(0), board(1, { chips: 0 })] }, 7);
    expect(two.it.book.open(7)[0]).toMatchObject({
      subject: { kind: "rig", id: "r7" },
      reason: "2 of 3 boards do not work any more, those in slots 1, 2",
    });
  });

  test.each([
    ["SHA-256", "sha256", 20 * 0.002],
    ["another algorithm, by what that earns", "Scrypt", 20 * 0.5],
    ["an algorithm of which nothing is known", "X11", null],
    ["an algorithm that it does not tell", undefined, null],
  ])("what a rig lacks is priced: of %s", (_name, algo, lossPerH) => {
    const { it, read } = warmRig("hashrateLow");
    const rates = it.context.rates("s");
    const otherPerThH = new Map([[revenueSeries("scrypt"), 0.5]]);
    it.context.rates = () => ({ ...rates, hashpricePerThH: 0.002, otherPerThH });
    it.view.algo = algo;
    read({ hashrateThs: 80 }, 40);
    const [alert] = it.book.open(7);
    expect(alert?.rule).toBe("hashrateLow");
    if (lossPerH === null) expect(alert?.lossPerH).toBeNull();
    else expect(alert?.lossPerH).toBeCloseTo(lossPerH, 2);
  });

  test("what is lost of a hashrate that is not told is not known", () => {
    const { it, read, open } = warmRig("rejects");
    const rates = it.context.rates("s");
    it.context.rates = () => ({ ...rates, hashpricePerThH: 0.002 });
    for (let minute = 0; minute < 300; minute++) read(shares(minute, { rejected: 0.1 }));
    expect(open()).toEqual(["rejects firing"]);
    expect(it.book.open(7)[0]?.lossPerH).toBeCloseTo(100 * 0.1 * 0.002, 4);
    read({ ...shares(301, { rejected: 0.1 }), hashrateThs: undefined }, 2);
    expect(it.book.open(7)[0]?.lossPerH).toBeNull();
  });

  test("a meter that falls silent is in the dark; that it is gone is clear", () => {
    const { it, read, open } = warmRig("metersDisagree");
    const says = (meterW: number | null) => {
      it.context.metered = () => ({ meterW, ownW: 3_000 });
    };
    says(3_600);
    read({}, 40);
    expect(open()).toEqual(["metersDisagree firing"]);
    says(null);
    read({}, 9);
    expect(open()).toEqual(["metersDisagree firing"]);
    expect(it.book.open(7)[0]?.unknownSinceMs).toBeDefined();
    it.context.metered = () => undefined;
    read({}, 33);
    expect(open()).toEqual([]);
  });

  test("a reason that goes on while a rig stands still says each thing once, over a restart too", () => {
    const { it, read } = warmRig("hashrateLow");
    const reason = () => it.book.open(7)[0]?.reason;
    read({ hashrateThs: 70 }, 30);
    for (let minute = 0; reason() !== undefined && minute < 60; minute++) read({});
    read({ hashrateThs: 70 }, 45);
    const sleeps = (minutes: number) => read({ status: "sleeping", hashrateThs: 0 }, minutes);
    sleeps(3);
    expect(reason()).toMatch(/limit 90 %; 2nd time in \d+ min; clear for 2 of 10 min$/);
    it.transitions();
    it.restart();
    sleeps(3);
    expect(reason()).toMatch(/limit 90 %; 2nd time in \d+ min; clear for 2 of 10 min$/);
    expect(reason()?.match(/time in/g)).toHaveLength(1);
  });

  test.each([
    ["where nothing better is known of it", {}, true],
    ["not where its board has a limit of its own", { board: { limitC: 90, source: "x", name: "x" } }, false],
  ])("what is usual of a chip makes a rig warm that throttles: %s", (_what, firm, fires) => {
    const { it, read, open } = warmRig("throttling");
    it.view.limits = { chip: { limitC: 76, source: "x", name: "own baseline", learned: true }, ...firm };
    read({ boardTempC: 60, boards: [0, 1, 2].map((slot) => board(slot, { frequencyMHz: 440 })) }, 15);
    expect(open()).toEqual(fires ? ["throttling firing"] : []);
  });

  test("hardware errors beyond 2 % of its work are told", () => {
    const { read, open } = warmRig("hwErrors");
    const perMin = 0.03 * ((100e12 * 60) / 2 ** 32);
    for (let minute = 0; minute < 100; minute++) read({ boards: [board(0, { hwErrors: minute * perMin })] });
    expect(open()).toEqual(["hwErrors firing"]);
  });

  test.each(["Scrypt", undefined])(
    "what a share of difficulty 1 takes is known of SHA-256 alone: %s is not judged by it",
    (algo) => {
      const errors = warmRig("hwErrors");
      errors.it.view.algo = algo;
      const perMin = 0.03 * ((100e12 * 60) / 2 ** 32);
      for (let minute = 0; minute < 100; minute++)
        errors.read({ boards: [board(0, { hwErrors: minute * perMin })] });
      expect(errors.open()).toEqual([]);
      const accepted = warmRig("acceptedLow");
      accepted.it.view.algo = algo;
      for (let minute = 0; minute < 300; minute++) accepted.read(shares(minute, { kept: 0.7 }));
      expect(accepted.open()).toEqual([]);
    },
  );
});
