// Makes the README's pictures from the running product: starts a simulated fleet on a scratch folder, waits until it has
// something to show, and photographs pages in the distribution's Chromium. The architecture picture carries the figures of
// that very run. A day of the fleet's past is filled in first, so that a day is there to be seen; a font with Chinese
// characters should be installed, for the button of the other language. Usage: npm run pictures [-- --minutes 3]
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { architecture } from "./architecture.mjs";
import { findProgram } from "./programs.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
  options: { minutes: { type: "string", default: "3" }, port: { type: "string", default: "8099" } },
});
const executablePath = findProgram("chromium");
if (!executablePath) {
  console.error("chromium is not installed: apt-get install chromium, or set CHROMIUM_PATH");
  process.exit(1);
}

/** The zone among these where it is the most like four in the afternoon, so that there is a day to be seen and some of it to come. */
const hourIn = (timeZone) =>
  Number(new Intl.DateTimeFormat("en", { timeZone, hour: "numeric", hourCycle: "h23" }).format());
const zone = ["Asia/Shanghai", "Asia/Almaty", "Europe/Oslo", "America/Chicago", "Pacific/Auckland"]
  .map((each) => ({ each, away: Math.abs(hourIn(each) - 16) }))
  .reduce((best, next) => (next.away < best.away ? next : best)).each;
/** A day of the past is simulated first, s. */
const START_S = 1_200;
const folder = mkdtempSync(join(tmpdir(), "hashwatt-pictures-"));
const images = join(root, "docs/images");
mkdirSync(images, { recursive: true });
const url = `http://127.0.0.1:${values.port}`;
const product = spawn(
  process.execPath,
  [
    join(root, "scripts/start.mjs"),
    "--data",
    folder,
    "--port",
    values.port,
    "--rigs",
    "240",
    "--backfill",
    "1",
    "--zone",
    zone,
  ],
  { stdio: ["ignore", "inherit", "inherit"] },
);
const ended = new Promise((resolve) => product.once("exit", resolve));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const get = async (path) => (await fetch(url + path)).json();

try {
  for (let i = 0; ; i++) {
    try {
      // All rigs report, and the past is in.
      const { fleet, agents } = await get("/api/totals");
      if (fleet.reporting > 200 && agents.every(({ behindMs }) => !behindMs)) break;
    } catch {
      if (i > START_S) throw new Error("the product did not start");
    }
    if (i > 2 * START_S) throw new Error("the past did not come in");
    await sleep(1_000);
  }
  await sleep(Number(values.minutes) * 60_000);
  const browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const shots = [
    ["overview-dark", "/", 1440, 1120, "dark"],
    ["overview-light", "/", 1440, 1120, "light"],
    ["fleet-dark", "/fleet", 1440, 900, "dark"],
    ["rig-dark", "/rigs/r5", 1440, 1100, "dark"],
    ["overview-phone", "/", 390, 1400, "dark"],
  ];
  for (const [name, path, width, height, colorScheme] of shots) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme, locale: "en-GB" });
    await page.goto(url + path);
    await page.waitForSelector('[data-connection="live"]');
    await sleep(3_000);
    await page.screenshot({ path: join(images, `${name}.png`) });
    await page.close();
  }
  const [totals, health, version] = await Promise.all(
    ["/api/totals", "/api/health", "/api/version"].map(get),
  );
  const page = await browser.newPage({ viewport: { width: 1200, height: 560 }, deviceScaleFactor: 1.5 });
  await page.setContent(architecture({ totals, health, version }));
  await page.screenshot({ path: join(images, "architecture.png") });
  await browser.close();
  console.log(`pictures are in ${images}`);
} finally {
  product.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
}
