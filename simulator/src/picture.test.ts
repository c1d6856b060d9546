import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { layOut } from "./addresses.js";
import { main } from "./cli.js";
import { stage } from "./fleet.js";
import { picture, watch } from "./picture.js";
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
