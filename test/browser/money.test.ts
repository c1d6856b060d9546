import type { Setting } from "@hashwatt/protocol/settings";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, startBrowser } from "../support/browser.js";
import { programs } from "../support/programs.js";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";

describe.skipIf(!programs.chromium)("money, carbon and what they rest on, in a real Chromium", () => {
  let server: ToldServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startToldServer();
    await server.tell([fullRig(1), fullRig(2)]);
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
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
    await prices.nth(0).fill("cheap");
    await prices.nth(1).fill("0.03");
    const save = page.getByRole("button", { name: "Save" });
    expect(await save.isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Preview" }).click();
    await page
      .getByRole("alert")
      .getByText(/bands.peak/)
      .waitFor();
    await prices.nth(0).fill("0.11");
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
    await browser.closePage(page);
  });
});
