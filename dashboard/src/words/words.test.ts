import { describe, expect, it } from "vitest";
import { DESK_CATALOGUE } from "../alerts/deskWords.js";
import { MONEY_CATALOGUE } from "../money/moneyWords.js";
import { SETTINGS_CATALOGUE } from "../settings/settingsWords.js";
import { en } from "./en.js";
import { fill, LANGUAGES, wordsOf } from "./words.js";
import { zh } from "./zh.js";

const places = (phrase: string) => new Set([...phrase.matchAll(/\{(\w+)/g)].map(([, name]) => name));

describe.each([
  ["of the whole screen", { en, zh }],
  ["of Money and Carbon", { en: MONEY_CATALOGUE.en, zh: MONEY_CATALOGUE["zh-CN"] }],
  ["of Alerts", { en: DESK_CATALOGUE.en, zh: DESK_CATALOGUE["zh-CN"] }],
  ["of the settings", { en: SETTINGS_CATALOGUE.en, zh: SETTINGS_CATALOGUE["zh-CN"] }],
])("the catalogues %s", (_of, catalogues) => {
  const english: Record<string, string> = catalogues.en;
  const chinese: Record<string, string> = catalogues.zh;
  it("have the same phrases, none of them empty", () => {
    expect(Object.keys(chinese).sort()).toEqual(Object.keys(english).sort());
    for (const phrase of [...Object.values(english), ...Object.values(chinese)]) expect(phrase).not.toBe("");
  });

  it("fill in nothing in Chinese that the English phrase is not given", () => {
    for (const [key, phrase] of Object.entries(chinese))
      for (const place of places(phrase)) expect(places(english[key] ?? ""), key).toContain(place);
  });
});

it("no page has a phrase of the whole screen's name", () => {
  const own = [
    ...Object.keys(MONEY_CATALOGUE.en),
    ...Object.keys(SETTINGS_CATALOGUE.en),
    ...Object.keys(DESK_CATALOGUE.en),
  ];
  expect(own.filter((key) => key in en)).toEqual([]);
});

describe("a phrase", () => {
  it("picks its noun by the number", () => {
    expect(fill("{n} {n|rig|rigs}", { n: 1 })).toBe("1 rig");
    expect(fill("{n} {n|rig|rigs}", { n: "10,000" })).toBe("10,000 rigs");
  });
  it("keeps a place that nobody fills, so that the mistake is seen", () => {
    expect(fill("limit {value}", {})).toBe("limit {value}");
  });
});

it("ages are told in the language", () => {
  expect(wordsOf("en").span(400)).toBe("0.4 s");
  expect(wordsOf("zh-CN").span(240_000)).toBe("4 分钟");
  expect(wordsOf("en").span(null)).toBe("—");
});

it("numbers follow the browser's own variant of the language", () => {
  expect(wordsOf("en", ["de-DE", "en-IN"]).format.number(1234567, 0)).toBe("12,34,567");
  expect(Object.keys(LANGUAGES)).toEqual(["en", "zh-CN"]);
});
