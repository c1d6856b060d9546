import type { AlertRoute, Silence } from "@hashwatt/protocol/alerting";
import type { AlertView } from "@hashwatt/protocol/http";
import { describe, expect, test } from "vitest";
import { testAlert } from "../../fixtures/alert.js";
import { type AlertCare, newCare } from "./alertCare.js";
import { askRoutes } from "./askRoutes.js";
import { nextTimeOfDay, windowEnd } from "./dayWindow.js";
import { defaultRoutes } from "./defaultRoutes.js";
import { fits, isLike } from "./fits.js";
import type { RouteAnswer } from "./route.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** 14:00 in Shanghai, a Thursday. */
const NOON_MS = Date.parse("2026-11-26T06:00:00Z");
const NIGHT_MS = Date.parse("2026-11-26T15:00:00Z");

const routeOf = (id: string, more: Partial<AlertRoute> = {}): AlertRoute => ({
  id,
  order: 0,
  match: {},
  ...more,
});

/** What is said of an alert, asked again and again as time goes on. */
class Watch {
  care: AlertCare = newCare("a");
  alert: AlertView;
  silences: Silence[] = [];
  constructor(
    readonly routes: AlertRoute[],
    more: Partial<AlertView> = {},
    readonly channels = ["ops", "boss"],
  ) {
    this.alert = testAlert("a", { firedMs: NOON_MS, ...more });
  }
  ask(nowMs: number): RouteAnswer {
    const { severity, site, rule } = this.alert;
    const fitting = { severity, site, rule, kind: "rig", subjects: ["r1", "a"], groups: ["rack-3"] };
    const { routes, channels, silences } = this;
    const world = { routes, channels, silences, zoneOf: () => "Asia/Shanghai" };
    return askRoutes(this.alert, fitting, this.care, world, nowMs, () => 0);
  }
  told(nowMs: number): string[] {
    return this.ask(nowMs).sends.map(({ channel, why }) => `${channel} ${why}`);
  }
  end(nowMs: number): void {
    this.alert = { ...this.alert, state: "resolved", resolvedMs: nowMs };
  }
}

describe("routing", () => {
  test("tells every channel once that an alert has fired, and once that it has ended", () => {
    const watch = new Watch([routeOf("all")]);
    expect(watch.told(NOON_MS)).toEqual(["ops fired", "boss fired"]);
    expect(watch.told(NOON_MS + 1)).toEqual([]);
    watch.end(NOON_MS + 5);
    expect(watch.told(NOON_MS + 5)).toEqual(["ops resolved", "boss resolved"]);
    expect(watch.told(NOON_MS + 9)).toEqual([]);
    expect(watch.ask(NOON_MS + 9).againMs).toBeUndefined();
  });

  test("says nothing of what is pending, of a quiet round, or of the end of what nobody was told", () => {
    const pending = new Watch([routeOf("all")], { state: "pending", firedMs: null });
    expect(pending.told(NOON_MS)).toEqual([]);
    const quiet = new Watch([routeOf("all")], { quietUntilMs: NOON_MS + HOUR_MS });
    expect(quiet.told(NOON_MS)).toEqual([]);
    expect(quiet.ask(NOON_MS).held).toContain("Another round");
    quiet.end(NOON_MS + 5);
    expect(quiet.told(NOON_MS + 5)).toEqual([]);
  });

  test("tells a later round again", () => {
    const watch = new Watch([routeOf("all")]);
    watch.told(NOON_MS);
    watch.end(NOON_MS + 5);
    watch.told(NOON_MS + 5);
    watch.alert = {
      ...watch.alert,
      state: "firing",
      resolvedMs: null,
      firedMs: NOON_MS + HOUR_MS,
      rounds: 2,
    };
    expect(watch.told(NOON_MS + HOUR_MS)).toEqual(["ops fired", "boss fired"]);
  });

  test.each<[string, AlertRoute["match"], Partial<AlertView>, boolean]>([
    ["severity", { severities: ["danger"] }, { severity: "danger" }, true],
    ["another severity", { severities: ["danger"] }, { severity: "notice" }, false],
    ["site", { sites: ["north"] }, {}, true],
    ["another site", { sites: ["south"] }, {}, false],
    ["rule", { rules: ["off*"] }, {}, true],
    ["another rule", { rules: ["over*"] }, {}, false],
    ["kind of subject", { kinds: ["rig"] }, {}, true],
    ["another kind", { kinds: ["site", "pool"] }, {}, false],
    ["group of the register", { groups: ["RACK-*"] }, {}, true],
    ["another group", { groups: ["rack-4"] }, {}, false],
    ["subject", { subjects: ["r1"] }, {}, true],
    ["all at once", { sites: ["north"], severities: ["money"], rules: ["overheating"] }, {}, false],
  ])("is decided by %s", (_name, match, more, isTold) => {
    expect(new Watch([routeOf("one", { match })], more).told(NOON_MS).length > 0).toBe(isTold);
  });

  test("asks routes in their order, no channel twice, and none after the last", () => {
    const ops = routeOf("first", { channels: ["ops"], last: true, match: { severities: ["money"] } });
    expect(new Watch([ops, routeOf("second")]).told(NOON_MS)).toEqual(["ops fired"]);
    const both = new Watch([{ ...ops, last: false }, routeOf("second")]);
    expect(both.told(NOON_MS)).toEqual(["ops fired", "boss fired"]);
    expect(new Watch([routeOf("off", { off: true })]).told(NOON_MS)).toEqual([]);
    expect(new Watch([routeOf("gone", { channels: ["nobody"] })]).told(NOON_MS)).toEqual([]);
  });

  test("keeps quiet at night and tells in the morning what still fires; danger passes", () => {
    const quiet = [{ from: "22:00", to: "07:00" }];
    const night = new Watch([routeOf("all", { quiet, channels: ["ops"] })], { firedMs: NIGHT_MS });
    const answer = night.ask(NIGHT_MS);
    expect(answer).toMatchObject({ sends: [], againMs: Date.parse("2026-11-26T23:00:00Z") });
    expect(answer.held).toContain("Quiet hours");
    expect(night.told(answer.againMs!)).toEqual(["ops fired"]);
    const danger = new Watch([routeOf("all", { quiet })], { firedMs: NIGHT_MS, severity: "danger" });
    expect(danger.told(NIGHT_MS)).toHaveLength(2);
    const over = new Watch([routeOf("all", { quiet })], { firedMs: NIGHT_MS });
    over.ask(NIGHT_MS);
    over.end(NIGHT_MS + HOUR_MS);
    expect(over.told(answer.againMs!)).toEqual([]);
  });

  test("tells the end at the end of quiet hours, to whom the beginning was told before them", () => {
    const quiet = [{ from: "22:00", to: "07:00" }];
    const watch = new Watch([routeOf("all", { quiet, channels: ["ops"] })]);
    expect(watch.told(NOON_MS)).toEqual(["ops fired"]);
    watch.end(NIGHT_MS);
    const answer = watch.ask(NIGHT_MS);
    expect(answer.sends).toEqual([]);
    expect(watch.told(answer.againMs!)).toEqual(["ops resolved"]);
  });

  test("says nothing at all during maintenance, danger neither", () => {
    const maintenance = [{ from: "13:00", to: "15:00", days: [4] }];
    const watch = new Watch([routeOf("all", { maintenance })], { severity: "danger" });
    expect(watch.ask(NOON_MS)).toMatchObject({ sends: [], againMs: NOON_MS + HOUR_MS });
    expect(watch.told(NOON_MS + HOUR_MS)).toHaveLength(2);
  });

  test("keeps a silence and a snooze, and says again what still fires at their end", () => {
    const watch = new Watch([routeOf("all", { channels: ["ops"] })]);
    const silence = { id: "s", match: { rules: ["offline"] }, by: "ann", atMs: NOON_MS };
    watch.silences = [{ ...silence, fromMs: NOON_MS, untilMs: NOON_MS + HOUR_MS }];
    const answer = watch.ask(NOON_MS);
    expect(answer).toMatchObject({ sends: [], silencedBy: "s", againMs: NOON_MS + HOUR_MS });
    expect(watch.told(NOON_MS + HOUR_MS)).toEqual(["ops fired"]);
    watch.care.snoozedUntilMs = NOON_MS + 3 * HOUR_MS;
    expect(watch.ask(NOON_MS + 2 * HOUR_MS)).toMatchObject({ sends: [], againMs: NOON_MS + 3 * HOUR_MS });
    expect(watch.told(NOON_MS + 3 * HOUR_MS)).toEqual(["ops repeated"]);
    expect(watch.told(NOON_MS + 4 * HOUR_MS)).toEqual([]);
    watch.silences = [{ ...silence, fromMs: NOON_MS + 9 * HOUR_MS, untilMs: NOON_MS + 10 * HOUR_MS }];
    expect(watch.ask(NOON_MS + 5 * HOUR_MS).againMs).toBe(NOON_MS + 9 * HOUR_MS);
  });

  test.each([
    ["another round soon after its end", { quietUntilMs: NOON_MS + 3 * HOUR_MS }],
    ["a part of another", { partOf: "g" }],
  ])("a silence is seen on what is told to nobody for another reason: %s", (_what, more) => {
    const watch = new Watch([routeOf("all", { channels: ["ops"] })], more);
    const silence = { id: "s", match: { rules: ["offline"] }, by: "ann", atMs: NOON_MS };
    watch.silences = [{ ...silence, fromMs: NOON_MS, untilMs: NOON_MS + HOUR_MS }];
    expect(watch.ask(NOON_MS)).toMatchObject({ sends: [], silencedBy: "s", againMs: NOON_MS + HOUR_MS });
    const after = watch.ask(NOON_MS + HOUR_MS);
    expect(after.sends).toEqual([]);
    expect(after.silencedBy).toBeUndefined();
  });

  test("repeats until somebody acknowledges", () => {
    const watch = new Watch([routeOf("all", { channels: ["ops"], repeatMin: 30 })]);
    watch.told(NOON_MS);
    expect(watch.ask(NOON_MS + 1).againMs).toBe(NOON_MS + 30 * MINUTE_MS);
    expect(watch.told(NOON_MS + 30 * MINUTE_MS)).toEqual(["ops repeated"]);
    watch.care.ack = { by: "ann", atMs: NOON_MS };
    expect(watch.told(NOON_MS + 90 * MINUTE_MS)).toEqual([]);
    watch.end(NOON_MS + 91 * MINUTE_MS);
    expect(watch.told(NOON_MS + 91 * MINUTE_MS)).toEqual(["ops resolved"]);
  });

  test("tells a group again each time that it has become twice what a channel was told of, though somebody has taken it up", () => {
    const watch = new Watch([routeOf("all", { channels: ["ops"] })]);
    const grows = (count: number, nowMs: number) => {
      watch.alert = { ...watch.alert, members: { count, peak: count, subjects: [] } };
      return watch.told(nowMs);
    };
    expect(grows(5, NOON_MS)).toEqual(["ops fired"]);
    watch.care.ack = { by: "ann", atMs: NOON_MS };
    expect(grows(9, NOON_MS + MINUTE_MS)).toEqual([]);
    expect(grows(10, NOON_MS + 2 * MINUTE_MS)).toEqual(["ops repeated"]);
    expect(grows(19, NOON_MS + 3 * MINUTE_MS)).toEqual([]);
    watch.care.snoozedUntilMs = NOON_MS + HOUR_MS;
    expect(grows(500, NOON_MS + 4 * MINUTE_MS)).toEqual([]);
    expect(grows(500, NOON_MS + HOUR_MS)).toEqual(["ops repeated"]);
    expect(grows(500, NOON_MS + 2 * HOUR_MS)).toEqual([]);
  });

  test("escalates what nobody has acknowledged, once, and not what somebody has", () => {
    const routes = [
      routeOf("duty", { channels: ["ops"], escalate: { afterMin: 10, to: "chief" } }),
      routeOf("chief", { channels: ["boss"], escalationOnly: true }),
    ];
    const watch = new Watch(routes);
    expect(watch.told(NOON_MS)).toEqual(["ops fired"]);
    expect(watch.ask(NOON_MS + 1).againMs).toBe(NOON_MS + 10 * MINUTE_MS);
    expect(watch.told(NOON_MS + 10 * MINUTE_MS)).toEqual(["boss escalated"]);
    expect(watch.told(NOON_MS + 20 * MINUTE_MS)).toEqual([]);
    expect(watch.care.steps.map(({ text }) => text)).toContain(
      "Not acknowledged for 10 min: route chief is asked too",
    );
    const taken = new Watch(routes);
    taken.told(NOON_MS);
    taken.care.ack = { by: "ann", atMs: NOON_MS };
    expect(taken.told(NOON_MS + 10 * MINUTE_MS)).toEqual([]);
  });

  test("collects a digest until its time of day, with what has ended by then", () => {
    const watch = new Watch([routeOf("daily", { channels: ["boss"], digestAt: "08:00" })]);
    const answer = watch.ask(NOON_MS);
    const atMs = Date.parse("2026-11-27T00:00:00Z");
    expect(answer).toMatchObject({
      sends: [],
      digests: [{ channel: "boss", digestMs: atMs }],
      againMs: atMs,
    });
    watch.end(NOON_MS + HOUR_MS);
    expect(watch.told(NOON_MS + HOUR_MS)).toEqual([]);
    expect(watch.told(atMs)).toEqual(["boss digest"]);
    expect(watch.told(atMs + 1)).toEqual([]);
  });

  test("without setup tells programs all at once, people of danger and money at once and of the rest daily", () => {
    const routes = defaultRoutes([
      { id: "hook", human: false },
      { id: "phone", human: true },
    ]);
    const told = (severity: AlertView["severity"]) =>
      new Watch(routes, { severity }, ["hook", "phone"]).ask(NOON_MS);
    expect(told("danger").sends.map(({ channel }) => channel)).toEqual(["hook", "phone"]);
    expect(told("notice")).toMatchObject({ sends: [{ channel: "hook" }], digests: [{ channel: "phone" }] });
    expect(defaultRoutes([])).toEqual([]);
  });
});

test("a window over midnight and a change of clocks ends when the clocks say so", () => {
  const window = { from: "22:00", to: "07:00" };
  // Berlin, the night to 25 October 2026 has an hour more.
  const end = windowEnd(window, "Europe/Berlin", Date.parse("2026-10-24T21:00:00Z"));
  expect(end).toBe(Date.parse("2026-10-25T06:00:00Z"));
  expect(windowEnd(window, "Europe/Berlin", Date.parse("2026-10-24T12:00:00Z"))).toBeUndefined();
  const friday = { from: "22:00", to: "07:00", days: [5] };
  expect(windowEnd(friday, "UTC", Date.parse("2026-11-28T03:00:00Z"))).toBe(
    Date.parse("2026-11-28T07:00:00Z"),
  );
  expect(windowEnd(friday, "UTC", Date.parse("2026-11-27T03:00:00Z"))).toBeUndefined();
  expect(windowEnd({ from: "08:00", to: "08:00" }, "UTC", NOON_MS)).toBe(Date.parse("2026-11-26T08:00:00Z"));
  expect(nextTimeOfDay("02:30", "Europe/Berlin", Date.parse("2026-03-28T12:00:00Z"))).toBe(
    Date.parse("2026-03-29T01:00:00Z"),
  );
});

test("a star stands for any characters", () => {
  for (const [pattern, text, is] of [
    ["rack-*", "rack-3", true],
    ["*-3", "rack-3", true],
    ["r*k*3", "rack-3", true],
    ["ab*ba", "aba", false],
    ["RACK-3", "rack-3", true],
    ["rack", "rack-3", false],
  ] as const)
    expect(isLike(pattern, text), `${pattern} ${text}`).toBe(is);
  const nothing = { severity: "money", site: "s", rule: "r", kind: "rig", subjects: [], groups: [] } as const;
  expect(fits({}, nothing)).toBe(true);
});
