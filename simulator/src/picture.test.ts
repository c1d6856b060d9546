import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { layOut } from "./addresses.js";
import { main } from "./cli.js";
import { stage } from "./fleet.js";
import { type Look, picture, watch } from "./picture.js";
import { buildSite } from "./site.js";
import { fakeClock } from "./time.js";

function drawn(): string {
  const site = buildSite("p", 3, undefined);
  const fleet = stage(site, layOut("per-address", 3, "127.10.0.1", 4028), fakeClock(), {
    scenario: "heze-summer",
  });
  return picture(watch(fleet, 2, 600_000), fleet.localMs(fleet.time.startMs), "a & b <c>");
}

test("a picture has a line of every curve with a point for every look, the site's hours, and nothing that is no XML", () => {
  const svg = drawn();
  const lines = [...svg.matchAll(/<polyline [^>]*points="([^"]*)"/g)].map(([, points]) => points!.split(" "));
  expect(lines).toHaveLength(7);
  for (const points of lines) expect(points).toHaveLength(13);
  expect(svg).not.toContain("NaN");
  expect(svg).toContain("<title>a &amp; b &lt;c></title>");
  for (const hour of ["11:00", "12:00", "13:00"]) expect(svg).toContain(`>${hour}<`);
});

/** A fleet of 24 through an hour in which the site loses its power and gets it back. */
function outage(): Look[] {
  const site = buildSite("p", 24, undefined);
  const fleet = stage(site, layOut("per-address", 24, "127.10.0.1", 4028), fakeClock(), {
    scenario: "site-outage-and-inrush",
  });
  return watch(fleet, 1, 300_000);
}

/** Each curve's stretches, lines and dots, by its colour and dash. */
function stretches(svg: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const [, colour, dash = ""] of svg.matchAll(
    /<polyline [^>]*stroke="(#\w+)"[^>]*?(?:stroke-dasharray="([^"]*)")? points/g,
  ))
    found.set(`${colour} ${dash}`.trim(), (found.get(`${colour} ${dash}`.trim()) ?? 0) + 1);
  return found;
}

test("while no rig has power there is no chip temperature: its lines have a gap, and all others go on", () => {
  const looks = outage();
  const off = looks.filter(({ chipC }) => chipC === undefined);
  expect(off.map(({ ms }) => ms / 60_000)).toEqual([5, 10]);
  expect(off.every(({ inletC, powerKw }) => inletC !== undefined && powerKw === 0)).toBe(true);
  const svg = picture(looks, 0, "outage");
  expect(svg).not.toMatch(/NaN|Infinity/);
  // The look before the outage is one by itself, and a dot in both curves of chips.
  expect(svg.match(/<circle /g)).toHaveLength(2);
  expect(Object.fromEntries(stretches(svg))).toMatchObject({
    "#b3261e": 1,
    "#b3261e 5 4": 1,
    "#c77700": 1,
    "#1b6e3c": 1,
  });
  expect(svg).toContain(">hottest chip<");
});

test("a curve, and a panel, without any value says so", () => {
  const dark = outage().filter(({ chipC }) => chipC === undefined);
  const svg = picture(dark, 0, "dark");
  expect(svg).not.toMatch(/NaN|Infinity/);
  expect(svg).toContain(">hottest chip: none<");
  const none = dark.map((look) => ({ ...look, hashrateThs: undefined as unknown as number }));
  expect(picture(none, 0, "nothing")).toMatch(/Hashrate, TH\/s<\/text>\n<text [^>]*>no values<\/text>\n/);
});

test("values that are all one whole ten have a scale", () => {
  const [look] = outage();
  const even = { mean: 30, max: 30 };
  const flat = [0, 1].map((ms) => ({ ...look!, ms, outsideC: 30, inletC: even, chipC: even }));
  expect(picture(flat, 0, "flat")).not.toMatch(/NaN|Infinity/);
});

test("the same fleet gives the same picture", () => {
  expect(drawn()).toBe(drawn());
});

test("the picture of the page on the simulator is what its command draws", async () => {
  const docs = new URL("../../docs/", import.meta.url);
  const page = readFileSync(new URL("simulator.md", docs), "utf8");
  const [, name, options] = /npm run simulate -- draw docs\/(\S+\.svg) ([^`]*)/.exec(page) ?? [];
  const words = options!.replaceAll("\\\n", " ").trim().split(/\s+/);
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-picture-"));
  try {
    await main(["draw", join(folder, "day.svg"), ...words]);
    // Noise is drawn with functions whose last digits differ between versions of Node, and points have a tenth of a pixel.
    const points = (svg: string) => svg.match(/\d+\.\d/g)!.map(Number);
    const texts = (svg: string) => svg.replace(/\d+\.\d/g, "");
    const is = readFileSync(join(folder, "day.svg"), "utf8");
    const was = readFileSync(new URL(name!, docs), "utf8");
    expect(texts(is)).toBe(texts(was));
    const before = points(was);
    expect(Math.max(...points(is).map((at, i) => Math.abs(at - before[i]!)))).toBeLessThan(0.15);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
