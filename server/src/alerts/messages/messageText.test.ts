import { RULE_IDS } from "@hashwatt/protocol/alertRules";
import { expect, test } from "vitest";
import { testAlert } from "../../fixtures/alert.js";
import { adviceOf } from "./advice.js";
import { messagesOf } from "./alertMessage.js";
import { tame } from "./escapes.js";
import { asPlain, fitted, messageText } from "./messageText.js";

const START_MS = Date.parse("2026-11-26T06:00:00Z");
const world = {
  publicUrl: "https://farm.example",
  siteName: (site: string) => (site === "north" ? "North hall" : site),
  zoneOf: () => "Asia/Shanghai",
};
const rest = { why: "fired" as const, sentMs: START_MS + 720_000, link: "https://farm.example/alerts" };
const textOf = (alerts: Parameters<typeof messagesOf>[0], more: Partial<typeof rest> = {}) =>
  messageText(messagesOf(alerts, 100, false, { ...rest, ...more })[0]!, world);

test("one alert is told with where, why, since when, what it costs, what to try and where to look", () => {
  const alert = testAlert("rig 7", { pendingMs: START_MS, model: "S19", lossPerH: 0.842, currency: "USD" });
  expect(asPlain(textOf([alert]))).toBe(
    [
      "MONEY: rig 7: offline",
      "Where: S19, North hall",
      "No answer",
      "Since 2026-11-26 14:00 (Asia/Shanghai), 12 min",
      "Costs: 0.84 USD per hour",
      `Try: ${adviceOf("offline")}`,
      "https://farm.example/rigs/r1",
      "",
      "All alerts: https://farm.example/alerts",
    ].join("\n"),
  );
});

test("what ended says how long it lasted, and what stands for many says for which", () => {
  const ended = testAlert("a", { pendingMs: START_MS, state: "resolved", resolvedMs: START_MS + 7_200_000 });
  expect(asPlain(textOf([ended]))).toContain("Lasted 2 h, until 2026-11-26 16:00");
  const subjects = [1, 2, 3].map((n) => ({ kind: "rig" as const, id: `r${n}`, name: `rig ${n}` }));
  const {
    rig: _rig,
    rigName: _name,
    ...rolled
  } = testAlert("g", {
    subject: { kind: "group", id: "g", name: "200 rigs" },
    members: { count: 180, peak: 200, subjects },
    probableCause: "Switch 3 is off",
  });
  const text = asPlain(textOf([rolled]));
  expect(text).toContain("rig 1, rig 2, rig 3 and 197 more");
  expect(text).toContain("Probable cause: Switch 3 is off");
  expect(text).toContain("https://farm.example/alerts");
});

test("more than three of a rule are told together, with their losses in one currency; danger stands first", () => {
  const many = Array.from({ length: 130 }, (_, i) => testAlert(`r${i}`, { lossPerH: 0.5, currency: "USD" }));
  const hot = testAlert("hot", { rule: "overheating", severity: "danger" });
  const text = textOf([...many, hot]);
  expect(text.title).toBe("DANGER: 1 × overheating, 130 × offline");
  expect(text.items.map(({ head }) => head)).toEqual(["DANGER: hot: overheating", "MONEY: 130 × offline"]);
  expect(text.items[1]?.lines).toContain("Costs: 65.00 USD per hour");
  expect(text.more).toBe(0);
  const mixed = [...many.slice(0, 4), testAlert("x", { lossPerH: 1, currency: "CNY" })];
  expect(textOf(mixed).items[0]?.lines).toContain("Costs: not known");
});

test("what does not fit is left out from the end and counted", () => {
  const rules = RULE_IDS.slice(0, 15).map((rule) => testAlert(rule, { rule, reason: "x".repeat(200) }));
  const text = textOf([
    ...rules,
    ...Array.from({ length: 9 }, (_, i) => testAlert(`o${i}`, { severity: "notice" })),
  ]);
  const shown = fitted(text, 1_500, asPlain);
  expect(shown.length).toBeLessThanOrEqual(1_500);
  const [, left = "0"] = /… and (\d+) more/.exec(shown) ?? [];
  expect(shown.split("\n").filter((line) => line.startsWith("MONEY")).length + Number(left)).toBe(24);
});

test("a rig's text is one line of bounded length that leads nowhere", () => {
  expect(tame("a\nb\u202e https://evil.example/x")).toBe("a b https: //evil.example/x");
  expect(tame("y".repeat(999))).toHaveLength(240);
});

test("every rule that comes with the server has an advice", () => {
  expect(RULE_IDS.filter((rule) => adviceOf(rule) === undefined)).toEqual([]);
  expect(adviceOf("constructor")).toBeUndefined();
});

test("a daily summary ends with the availability of its sites, as far as it is known", () => {
  const day = {
    rangeMs: 1_000,
    upMs: 900,
    downMs: 10,
    plannedMs: 50,
    unknownMs: 40,
    standingMs: 0,
    ratio: 90 / 91,
  };
  const [message] = messagesOf([testAlert("a", {}), testAlert("b", { site: "s2" })], 9, false, {
    why: "digest",
    sentMs: START_MS,
  });
  const known = { ...world, lastDay: (site: string) => (site === "s2" ? undefined : day) };
  const text = messageText(message!, known);
  expect(text.items.at(-1)).toMatchObject({
    head: expect.stringMatching(/: availability of the last day 98.90 %$/),
    lines: ["Up 90.0 %, down 1.0 %, planned stops 5.0 %, not read 4.0 % of all its rigs' time"],
  });
  expect(text.items.filter(({ count }) => count === 0)).toHaveLength(1);
  expect(messageText({ ...message!, why: "fired" }, known).items.every(({ count }) => count > 0)).toBe(true);
});
