import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { regionNotices } from "./regionNotices.js";

describe("a site in a region where mining is prohibited", () => {
  test("has a notice with source and date, by its region or by its zone", () => {
    const [first, ...others] = regionNotices({ gridRegion: "CN-SD", zone: "Asia/Shanghai" });
    expect(first).toMatchObject({
      region: "CN",
      status: "prohibited",
      date: "2021-09-24",
      retrieved: "2026-11-21",
    });
    expect(first!.source).toContain("Xinhua");
    expect(others).toHaveLength(1);
    expect(regionNotices({ gridRegion: "CN-SC", zone: "Asia/Shanghai" })).toHaveLength(3);
    expect(regionNotices({ zone: "Asia/Urumqi" })).toHaveLength(2);
    expect(regionNotices({ gridRegion: "COUNTRY-CHN", zone: "UTC" })).toHaveLength(2);
  });

  test("is no other", () => {
    expect(regionNotices({ gridRegion: "COUNTRY-NOR", zone: "Europe/Oslo" })).toEqual([]);
    expect(regionNotices({ gridRegion: "CNX", zone: "UTC" })).toEqual([]);
    expect(regionNotices({ zone: "Asia/Hong_Kong" })).toEqual([]);
  });

  test("is told facts and nothing that advises a way around them", () => {
    const texts = ["CN-NM", "CN-SC", "CN-SD"].flatMap((gridRegion) =>
      regionNotices({ gridRegion, zone: "UTC" }),
    );
    for (const { fact, source } of texts)
      expect(`${fact} ${source}`).not.toMatch(
        /\b(avoid|evade|evasion|bypass|circumvent|hide|hidden|conceal|disguise|vpn|proxy|proxies|workaround|work around|loophole|undetect|discreet|offshore|relocat|nevertheless|instead|you can|you could|should)/i,
      );
  });

  test("is advised no way around them by any page or screen either", () => {
    const root = new URL("../../../", import.meta.url);
    const below = (folder: string, ending: string) =>
      readdirSync(new URL(folder, root))
        .filter((name) => name.endsWith(ending))
        .map((name) => `${folder}${name}`);
    const files = ["README.md", ...below("docs/", ".md"), ...below("dashboard/src/words/", ".ts")];
    expect(files.length).toBeGreaterThan(10);
    for (const file of files)
      expect(readFileSync(new URL(file, root), "utf8"), file).not.toMatch(
        /\b(evad(e|ing)|evasion|circumvent\w*|loophole\w*|conceal\w*|disguis\w*)\b|规避|逃避|绕过/i,
      );
  });
});
