import { readdirSync, readFileSync } from "node:fs";
import { alertRouteInputSchema, channelInputSchema, silenceInputSchema } from "@hashwatt/protocol/alerting";
import { plannedStopSchema } from "@hashwatt/protocol/plannedStops";
import { siteChangeSchema } from "@hashwatt/protocol/settings";
import { Zone } from "@hashwatt/protocol/zone";
import { alertRuleKind } from "@hashwatt/server/alerts/custom/alertRule";
import { parseRule } from "@hashwatt/server/alerts/custom/parseRule";
import { refusalOf } from "@hashwatt/server/csv/csvRows";
import { sourceSchema } from "@hashwatt/server/rates/fetch/registry";
import { readPayoutCsv } from "@hashwatt/server/reconciliation/payoutCsv";
import { readBillCsv, readIntervalCsv } from "@hashwatt/server/reconciliation/utilityCsv";
import { issueText } from "@hashwatt/server/settings/issueText";
import { DOCUMENT_KINDS } from "@hashwatt/server/settings/kinds";
import { expect, test } from "vitest";
import type { z } from "zod";
import { refusalSaid } from "../../dashboard/src/words/refusal.js";
import { translator } from "../../dashboard/src/words/sentences.js";
import { zhRefusals } from "../../dashboard/src/words/zhRefusals.js";

const say = translator(zhRefusals);
const hasChinese = (text: string) => /[\u4e00-\u9fff]/.test(refusalSaid(say, text));

/** Every text that a schema says in words of its own, however deep it lies. */
function textsOf(part: unknown, found = new Set<string>(), seen = new Set<unknown>()): Set<string> {
  if (typeof part !== "object" || part === null || seen.has(part)) return found;
  seen.add(part);
  const def = (part as { _zod?: { def?: object } })._zod?.def ?? part;
  const { error } = def as { error?: unknown };
  if (typeof error === "function") {
    const text: unknown = error({ code: "custom", input: undefined, issues: [] });
    if (typeof text === "string") found.add(text);
  }
  for (const value of Object.values(def)) textsOf(value, found, seen);
  return found;
}

const SCHEMAS: readonly z.ZodType[] = [
  ...DOCUMENT_KINDS.map(({ schema }) => schema),
  sourceSchema as unknown as z.ZodType,
  siteChangeSchema,
];

test("what schemas of settings, and of what is set of alerts, say of their own is known in Chinese", () => {
  const ofAlerts = [channelInputSchema, alertRouteInputSchema, silenceInputSchema, plannedStopSchema];
  const texts = new Set([...SCHEMAS, ...ofAlerts].flatMap((schema) => [...textsOf(schema)]));
  expect(texts.size).toBeGreaterThan(20);
  expect([...texts].filter((text) => !hasChinese(text))).toEqual([]);
});

test("so is whatever any key of them is refused with", () => {
  const bad = [
    undefined,
    null,
    true,
    -1,
    1e300,
    0.5,
    "",
    "x",
    "x".repeat(2_000),
    [],
    ["x"],
    {},
    { kind: "x" },
  ];
  const said = new Set<string>();
  const keysOf = (schema: z.ZodType): string[] =>
    Object.keys((schema as unknown as { shape?: object }).shape ?? {});
  const kinds = ["flat", "timeOfUse", "tiered", "capped", "series"];
  for (const schema of SCHEMAS) {
    const bodies: unknown[] = [...bad, { nmae: 1 }, { nmae: 1, x: 2 }];
    for (const key of keysOf(schema))
      for (const value of bad) bodies.push({ [key]: value }, { [key]: [value] });
    for (const kind of kinds)
      bodies.push(
        { energy: { kind } },
        { energy: { kind, price: 1e9, rules: [{}], tiers: [{ price: "x" }] } },
      );
    for (const body of bodies) {
      const parsed = schema.safeParse(body);
      for (const issue of parsed.error?.issues ?? []) said.add(issueText(issue, schema, body));
    }
  }
  expect(said.size).toBeGreaterThan(45);
  expect([...said].filter((text) => !hasChinese(text))).toEqual([]);
});

/** Sentences that stand in the code, with 7 in the place of what differs. */
function sentencesIn(file: string): string[] {
  const code = readFileSync(new URL(`../../server/src/${file}`, import.meta.url), "utf8");
  const before =
    /(?:\bmessage: ?|\bmessage:\s+|ServerError\(\s*"\w+",\s*|defects\.push\(\s*|wrong\("\w+", |problem\([^;"`]*,[^;"`]*, )(?:held \? )?(["`])((?:\\.|(?!\1)[^\\])*)\1/g;
  return Array.from(code.matchAll(before), ([, , text = ""]) =>
    text.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "7").replaceAll('\\"', '"'),
  );
}

const FILES = [
  ...readdirSync(new URL("../../server/src/settings", import.meta.url))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && name !== "seedTariffs.ts")
    .map((name) => `settings/${name}`),
  "rates/tariffs/checkTariff.ts",
  "rates/fetch/registry.ts",
  "rates/fetch/sourceDocument.ts",
  "http/routes/settings.ts",
  "http/routes/siteSettings.ts",
  "alerts/delivery/alertSetup.ts",
  "alerts/notifiers/channelProblem.ts",
  "alerts/plannedStops.ts",
];

test("so are the sentences of the code that checks settings, and what is set of alerts", () => {
  // One that is made of others is among the examples below.
  const sentences = FILES.flatMap(sentencesIn).filter(
    (text) => /[a-z]{2}/i.test(text) && !text.includes("${"),
  );
  expect(sentences.length).toBeGreaterThan(25);
  expect(sentences.filter((text) => !hasChinese(text))).toEqual([]);
});

/** Texts of some words in the code, but for its comments, with 7 in the place of what differs. */
function textsIn(file: string): string[] {
  const code = readFileSync(new URL(`../../server/src/${file}`, import.meta.url), "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^import [\s\S]*?;$/gm, "")
    .replace(/^\s*\/\/.*$/gm, "");
  return Array.from(code.matchAll(/(["`'])((?:\\.|(?!\1)[^\\\n])*)\1/g), ([, , text = ""]) =>
    text
      .replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "7")
      .replaceAll('\\"', '"')
      .replaceAll("\\n", "\n"),
  ).filter((text) => /[a-z]{2,}\b.* \b.*[a-z]/i.test(text) && !text.includes("\\"));
}

const TABLES = ["payoutCsv", "utilityCsv", "csvDates", "payout", "utilityBill"];
/** What a refusal is put together of. */
const FRAMES = ["line 7, column 7: 7", "7; nothing was imported", "did you mean 7?", "there are 7"];

test.each([
  ...TABLES.map((name) => `reconciliation/${name}.ts`),
  "csv/csvRows.ts",
  "alerts/custom/parseRule.ts",
])("so is every text of %s", (file) => {
  const texts = textsIn(file).filter((text) => !FRAMES.includes(text));
  expect(texts.length).toBeGreaterThan(0);
  expect(texts.filter((text) => !hasChinese(text))).toEqual([]);
});

/** Words of a sentence in English. */
const ENGLISH = /\b(is|the|must|are|of|no|line|here|expected|write|after)\b/;
const UTC = Zone.of("UTC");
const readMine = (text: string, zone: Zone) => readBillCsv(text, zone, "USD");

test("a table that is refused is so in Chinese alone", () => {
  const rows = (...told: string[]) => told.join("\n");
  const bad: [typeof readPayoutCsv | typeof readIntervalCsv | typeof readMine, string][] = [
    [
      readPayoutCsv,
      rows(
        "date,from,to,amount,coin,pool,fee_percent",
        "2026-08-01,2026-08-01 00:00,,1,BTC,p,1",
        "1. Aug,,,x,BTC,,101",
        ",2026-08-02 00:00,2026-08-01 00:00,1,BTC,p,1",
        ",2026-01-01 00:00,2026-08-01 00:00,1,BTC,p,1",
        ",noon,2026-08-01T00:00Z,1,BTC,p,1",
        ",,,,?,p,1",
        "2026-08-03,,,1,b t c,p,1",
        "2026-08-04,,,1,BTC,p,1",
        "2026-08-04,,,1,BTC,p,1",
        "1,2,3,4,5,6,7,8",
      ),
    ],
    [
      readMine,
      rows(
        "meter,from,to,amount,currency,kwh",
        "m,2026-08-01,2026-09-01,1,USD,1",
        "m,2026-08-01,2026-09-01,1,USD,1",
        "m,2026-08-15,2026-09-15,1,USD,1",
        "m,2026-08-15,2026-08-01,1,USD,1",
        "m,2024-08-15,2026-08-01,1,USD,1",
        ",,,,,",
        "m,x,2026-08-01,x,USD,x",
        "m,2026-10-01,2026-11-01,1,?,1",
      ),
    ],
    [
      readIntervalCsv,
      rows(
        "meter,start,end,kwh",
        "m,2026-08-01 00:00,2026-08-01 00:15,1",
        "m,2026-08-01 00:00,2026-08-01 00:15,1",
        "m,2026-08-01 00:30,2026-08-01 01:00,1",
        "m,2026-08-02 00:07,2026-08-02 00:22,1",
        "m,2026-08-02 00:00,2026-08-02 02:00,1",
        "m,2026-08-02 00:00,2026-08-02 00:15,x",
        "m,,,1",
        "m,2026-08-40T00:00Z,,1",
      ),
    ],
  ];
  const said = bad.flatMap(([read, text]) => read(text, UTC).refused);
  expect(said.length).toBeGreaterThan(25);
  const chinese = said.map(({ message }) => refusalSaid(say, message));
  expect(chinese.filter((text) => !/[\u4e00-\u9fff]/.test(text) || ENGLISH.test(text))).toEqual([]);
  const whole = refusalSaid(say, refusalOf(said).message);
  expect(whole).not.toMatch(ENGLISH);
  for (const text of ["", "x\n1", "date,date\n1", 'date\n"1', "amont\n1", `date\n${"1\n".repeat(40_001)}`])
    try {
      readPayoutCsv(text, UTC);
      expect.unreachable();
    } catch (error) {
      expect(refusalSaid(say, (error as Error).message)).not.toMatch(ENGLISH);
    }
  const spring = Zone.of("Europe/Berlin");
  const [gap] = readIntervalCsv("start,end,kwh\n2026-03-29 02:30,2026-03-29 03:00,1", spring).refused;
  expect(refusalSaid(say, gap!.message)).toBe("“2026-03-29 02:30” 在 Europe/Berlin 不存在：此时时钟拨快");
});

test("so is what a setting of a rule says that cannot count", () => {
  const own = { name: "n", when: "powerW > 1", severity: "notice" as const };
  const wrong = alertRuleKind.defects!(
    [
      { id: "offline", value: own },
      { id: "a", value: { ...own, when: "powerW" } },
      { id: "b", value: { rule: "ofline" } },
      { id: "c", value: { rule: "nothing at all" } },
      { id: "d", value: { rule: "wrongPool", limit: 1 } },
      { id: "e", value: { rule: "offline", limit: 1, urls: ["x"] } },
      { id: "f", value: { rule: "offline", accounts: ["x"] } },
    ],
    {} as never,
  );
  expect(wrong.map(({ id }) => id)).toEqual(["offline", "a", "b", "c", "d", "e", "f"]);
  const said = wrong.map(({ message }) => refusalSaid(say, message));
  expect(said.filter((text) => !/[\u4e00-\u9fff]/.test(text) || ENGLISH.test(text))).toEqual([]);
});

test.each([
  "",
  "chipTempC",
  "chipTempC > 85 for 8d",
  "chipTempC > 85 for two",
  "chipTempC > 85 for",
  "chipTempC > 85 on",
  "chipTempC > 85 on =",
  "chipTempC > 85 on r7 r8",
  "chipTempC > 85 rack",
  "chipTempC > hot",
  "chipTempC is 85",
  'pool = "a: b',
  "pool = ,",
  "pool > x",
  "chipTemp > 1",
  "nothing > 1",
  `${"powerW > 1 and ".repeat(8)}powerW > 1`,
  `powerW > 1 on ${"r1, ".repeat(50)}r1`,
  `pool = ${"x, ".repeat(50)}x`,
])("the rule %j is refused in Chinese, with the rule and the caret below it as they are", (rule) => {
  let message = "";
  try {
    parseRule(rule);
  } catch (error) {
    message = (error as Error).message;
  }
  const [text, caret = ""] = message.split("\n") as [string, string?];
  const [head, same, below = ""] = refusalSaid(say, `when: is no rule:\n${message}`).split("\n");
  expect([head, same]).toEqual(["when：不是规则：", text]);
  expect(below.indexOf("^")).toBe(caret.indexOf("^"));
  expect(below.slice(below.indexOf("^"))).toMatch(/[\u4e00-\u9fff]/);
  expect(below).not.toMatch(ENGLISH);
});

test.each([
  [
    "tariff day: currency: is USD, but the site counts in CNY",
    "tariff day：currency：为 USD，但站点以 CNY 计",
  ],
  [
    'tariff a: validFrom: "b" and "a" are both valid on 2026-08-01; end the first with validTo: 2026-08-01; pool p: validTo: 2026-01-01 must come after validFrom, 2026-02-01',
    "tariff a：validFrom：“b” 与 “a” 在 2026-08-01 同时有效；请用 validTo: 2026-08-01 结束前者；pool p：validTo：2026-01-01 须晚于 validFrom（2026-02-01）",
  ],
  [
    "energy.kind: must be one of flat, tiered; did you mean flat?",
    "energy.kind：须为以下之一：flat, tiered；是否指 flat？",
  ],
  ['There are no settings "pol"; did you mean pool?', "没有名为 “pol” 的设置；是否指 pool？"],
  ['There are no settings "x"; there are tariff, pool', "没有名为 “x” 的设置；现有：tariff, pool"],
  [
    'zone: "Asia/Shangai" is no IANA time zone; did you mean Asia/Shanghai?; gridYear: CN-SD has factors of 2022, 2023, none of 1999',
    "zone：“Asia/Shangai” 不是 IANA 时区；是否指 Asia/Shanghai？；gridYear：CN-SD 有 2022, 2023 年的因子，没有 1999 年的",
  ],
  [
    "rates.csv: line 3: value: -1 must be at least 0; nothing was imported",
    "rates.csv：第 3 行：value：-1 须不小于 0；未导入任何内容",
  ],
  [
    "alertRule hot: when: is no rule:\nchipTemp > 85\n^ is no field; did you mean chipTempC?",
    "alertRule hot：when：不是规则：\nchipTemp > 85\n^ 不是字段；是否指 chipTempC？",
  ],
  [
    'line 2, column date: "1. Aug; x" is no date; write 2026-08-01; line 2, column amount: is missing; line 4: 9 cells, but line 1 names 3 columns; and 4 more; nothing was imported',
    "第 2 行 date 列：“1. Aug; x” 不是日期；请写作 2026-08-01；第 2 行 amount 列：缺失；第 4 行：有 9 个单元格，而第 1 行有 3 列；另有 4 项；未导入任何内容",
  ],
  [
    'match.rules: there is no rule "offlin"; did you mean offline?',
    "match.rules：没有规则 “offlin”；是否指 offline？",
  ],
  [
    'channels: there is no channel "duty"; there are hook, phone',
    "channels：没有渠道 “duty”；现有：hook, phone",
  ],
  ["there are 64 routes: remove one first", "已有 64 个，已达上限：请先删除一些"],
  [
    "account: of 2026-08-01 braiins has told of north, south itself: name the one that the file is of; currency: monthly costs are in USD (rent, staff): take them out, and set them anew in CNY; currency: hours since 2025-01-01 are booked in USD and too old to be priced anew: what counts in CNY must be another site; sites: there may be 256, and these make 258",
    "account：2026-08-01 的支付 braiins 已自行报告 north, south：请注明文件属于哪个账户；currency：每月费用以 USD 计（rent, staff）：请先删除，再以 CNY 重新设置；currency：自 2025-01-01 起的小时已以 USD 记账，且过旧而无法重新计价：以 CNY 计的须为另一站点；sites：最多 256 个，而这样会有 258 个",
  ],
  ["something nobody knows", "something nobody knows"],
])("%s", (text, chinese) => expect(refusalSaid(say, text)).toBe(chinese));
