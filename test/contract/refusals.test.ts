import { readdirSync, readFileSync } from "node:fs";
import { siteChangeSchema } from "@hashwatt/protocol/settings";
import { sourceSchema } from "@hashwatt/server/rates/fetch/registry";
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
  ...DOCUMENT_KINDS.filter(({ kind }) => kind !== "alertRule").map(({ schema }) => schema),
  sourceSchema as unknown as z.ZodType,
  siteChangeSchema,
];

test("what schemas of settings say of their own is known in Chinese", () => {
  const texts = new Set(SCHEMAS.flatMap((schema) => [...textsOf(schema)]));
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
    "rates.csv：line 3：value：-1 须不小于 0；未导入任何内容",
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
  ["something nobody knows", "something nobody knows"],
])("%s", (text, chinese) => expect(refusalSaid(say, text)).toBe(chinese));
