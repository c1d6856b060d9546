// Makes the README's pictures from the running product: starts a simulated fleet on a scratch folder, waits until it has
// something to show, and photographs pages in the distribution's Chromium. The architecture picture carries the figures of
// that very run. Usage: npm run pictures [-- --minutes 3]
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
    "--zone",
    "Asia/Shanghai",
  ],
  { stdio: ["ignore", "inherit", "inherit"] },
);
const ended = new Promise((resolve) => product.once("exit", resolve));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const get = async (path) => (await fetch(url + path)).json();

try {
  for (let i = 0; ; i++) {
    try {
      if ((await get("/api/totals")).fleet.reporting > 200) break;
    } catch {
      if (i > 120) throw new Error("the product did not start");
    }
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
