import { expect, test } from "vitest";
import { layOut } from "./addresses.js";
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
