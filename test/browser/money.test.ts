import type { Ledger } from "@hashwatt/protocol/ledger";
import type { Setting } from "@hashwatt/protocol/settings";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, startBrowser } from "../support/browser.js";
import { programs } from "../support/programs.js";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";
import { until } from "../support/wait.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What the ledger is priced in. */
const STEP_MS = 300_000;

/** By how much a page is wider than a phone, px. */
const cutAt390 = async (page: Page): Promise<number> => {
  await page.setViewportSize({ width: 390, height: 844 });
  const cut = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  // What follows the width by script does so in a later frame.
  await page.waitForFunction(`(${cut})() <= 0`, undefined, { timeout: 10_000 }).catch(() => undefined);
  return page.evaluate(cut);
};

describe.skipIf(!programs.chromium)("money, carbon and what they rest on, in a real Chromium", () => {
  let server: ToldServer;
  let browser: Browser;
  /** By how much the server's clock is ahead. */
  let aheadMs = 0;
  const later = (ms: number) => {
    aheadMs += ms;
    server.later(ms);
  };
  beforeAll(async () => {
    server = await startToldServer();
    // Noon: all of it lies on one day and in one hour, whenever the test runs.
    const noonMs = Math.ceil(Date.now() / DAY_MS) * DAY_MS + DAY_MS / 2;
    later(noonMs - Date.now());
    // Its shares do not grow: counted by them it would have earned nothing.
    const rigs = [1, 2].map((n) => {
      const { evidence, sample } = fullRig(n);
      const { shares: _shares, ...rest } = sample;
      return { evidence, sample: rest };
    });
    for (let i = 0; i < 7; i++) {
      await server.tell(rigs);
      later(100_000);
    }
    // A reading stands for no longer than a step: once that is over and priced, no figure changes any more.
    const heldToMs = Date.now() + aheadMs + STEP_MS;
    later(3 * STEP_MS);
    browser = await startBrowser();
    await until("the ledger has priced it", async () => ((await ledger()).pricedToMs ?? 0) >= heldToMs);
    expect((await ledger()).totals.revenueMsat).toBeGreaterThan(0);
  });
  const ledger = async (): Promise<Ledger> => {
    const nowMs = Date.now() + aheadMs;
    const range = `from=${nowMs - 2 * HOUR_MS}&to=${nowMs}`;
    return (await fetch(`${server.url}/api/ledger?site=farm&${range}`)).json() as Promise<Ledger>;
  };
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test("Money shows what the ledger holds, opens the arithmetic of an hour, and takes what the pool paid", async () => {
    const page = await browser.page({ width: 1280, height: 900 });
    await page.goto(`${server.url}/money?period=day`);
    await page.getByTestId("regionNotices").getByText("Mining is prohibited in CN").first().waitFor();
    const { revenueMicro, energyCostMicro } = (await ledger()).totals;
    const shows = (field: string, text: string) => page.locator(field).filter({ hasText: text }).waitFor();
    await shows('[data-field="revenue"]', (revenueMicro! / 1e6).toFixed(3));
    await shows('[data-line="energyCost"]', (energyCostMicro! / 1e6).toFixed(2));
    const hour = page.locator('[data-tone="gain"], [data-tone="loss"]').first();
    expect(await hour.textContent()).toMatch(/^[+−]\d/);
    await hour.click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("marginal profit = revenue − energy cost").waitFor();
    await dialog.getByTestId("steps").locator("tbody tr").first().waitFor();
    await dialog.getByText("bundled snapshot of 2026-08-23").first().waitFor();
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: "Import CSV" }).first().click();
    const choose = (csv: string) =>
      page.setInputFiles('input[type="file"]', {
        name: "p.csv",
        mimeType: "text/csv",
        buffer: Buffer.from(csv),
      });
    const today = new Date(Date.now() + aheadMs).toISOString().slice(0, 10);
    const take = page.getByRole("button", { name: "Import", exact: true });
    await choose(`date,amount,pool\n${today},much,braiins\n`);
    await dialog.getByText('line 2, amount: "much" is no amount in whole coins').waitFor();
    expect(await take.isDisabled()).toBe(true);
    await choose(`date,amount,pool,reference\n${today},0.00001,braiins,day\n`);
    await dialog.getByText("1 new, 0 changed").waitFor();
    await take.click();
    await dialog.getByText("1 added, 0 changed").waitFor();
    await page.keyboard.press("Escape");
    const paid = page.getByTestId("recon-payouts");
    await paid.getByText("1,000 sat").first().waitFor();
    expect(await paid.locator("tbody tr").first().textContent()).toContain("time not measured");

    expect(await cutAt390(page)).toBeLessThanOrEqual(0);

    await page.goto(`${server.url}/carbon?period=day`);
    await page.locator('[data-field="co2Location"]').waitFor();
    await page.getByText("Shandong, 2023").first().waitFor();
    expect(await cutAt390(page)).toBeLessThanOrEqual(0);
    await browser.closePage(page);
  });

  test("a tariff is written in the form, looked at before it is saved, and mended as YAML with the line of a mistake", async () => {
    const page = await browser.page({ width: 1280, height: 900 });
    const tariffs = async () => {
      const answer = await fetch(`${server.url}/api/settings/tariffs?site=farm`);
      return (await answer.json()) as Setting[];
    };
    await page.goto(`${server.url}/settings/tariffs`);
    await page.getByRole("button", { name: "Add" }).click();
    const form = page.getByTestId("tariffForm");
    await form.getByLabel("Short name").fill("night");
    await form.getByLabel("Name", { exact: true }).fill("Cheap nights");
    await form.getByLabel("Valid from").fill("2026-01-01");
    await form.getByLabel("Source").fill("the contract");
    await form.getByText("Time of use").click();
    const prices = form.locator('[data-rows="bands"]').getByLabel("Price per kWh");
    await prices.nth(0).fill("0.11");
    await prices.nth(1).fill("0.03");
    const save = page.getByRole("button", { name: "Save" });
    expect(await save.isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByTestId("reprice").waitFor();
    expect(await page.getByRole("dialog").getByTestId("priceChart").locator("path").count()).toBeGreaterThan(
      1,
    );
    await save.click();
    const row = page.locator('[data-document="night"]');
    await row.getByText("Time of use 0.03–0.11 USD/kWh").waitFor();
    expect((await tariffs())[0]!.body).toMatchObject({ energy: { bands: { peak: 0.11, valley: 0.03 } } });

    await row.getByRole("button", { name: "Edit" }).click();
    await page.getByText("YAML", { exact: true }).click();
    const yaml = page.getByRole("textbox", { name: "YAML" });
    const text = await yaml.inputValue();
    await yaml.fill(text.replace("valley: 0.03", "valley: low"));
    await page.getByRole("button", { name: "Check" }).click();
    const line = text.split("\n").findIndex((each) => each.includes("valley: 0.03")) + 1;
    await page.getByTestId("yamlErrors").getByText(`line ${line}`).waitFor();
    expect(await save.isDisabled()).toBe(true);
    await yaml.fill(text.replace("valley: 0.03", "valley: 0.02"));
    await page.getByRole("button", { name: "Check" }).click();
    await page.getByText("1 changed").waitFor();
    await save.click();
    await row.getByText("0.02–0.11").waitFor();
    expect(await cutAt390(page)).toBeLessThanOrEqual(0);
    await browser.closePage(page);
  });

  test("a site without a rig can be given its tariff, a refusal comes into view, and the hours to come follow what is saved", async () => {
    const page = await browser.page({ width: 1280, height: 700 });
    await page.goto(`${server.url}/settings/sites`);
    await page.getByRole("button", { name: "Add" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Short name").fill("annex");
    await dialog.getByLabel("Name", { exact: true }).fill("Annex");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page
      .getByRole("cell", { name: "Annex" })
      .or(page.getByRole("rowheader", { name: "Annex" }))
      .waitFor();

    await page.goto(`${server.url}/settings/tariffs`);
    const chart = page.getByTestId("priceChart").filter({ hasText: "Annex" });
    await chart.waitFor();
    expect(await chart.locator("svg").count()).toBe(0);
    await page.getByRole("button", { name: "Add" }).click();
    await dialog.getByLabel("Site").selectOption("annex");
    const form = page.getByTestId("tariffForm");
    await form.getByLabel("Short name").fill("flat");
    await form.getByLabel("Name", { exact: true }).fill("Flat");
    await form.getByLabel("Valid from").fill("2026-01-01");
    await form.getByLabel("Source").fill("the contract");
    await form.getByText("Time of use").click();
    await dialog.getByRole("button", { name: "Preview" }).click();
    const refusal = dialog.getByRole("alert");
    await refusal.waitFor();
    const seen = async () => {
      const [edge, box] = [await dialog.boundingBox(), await refusal.boundingBox()];
      return edge && box && box.y > edge.y && box.y + box.height < edge.y + edge.height;
    };
    await until("the refusal is in view", seen);
    await form.getByText("Flat", { exact: true }).click();
    await form.getByLabel("Price per kWh").fill("0.07");
    await dialog.getByRole("button", { name: "Preview" }).click();
    await page.getByTestId("reprice").waitFor();
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.locator('[data-document="flat"]').getByText("0.07").waitFor();
    await chart.locator("svg").waitFor();
    await browser.closePage(page);
  });
});
