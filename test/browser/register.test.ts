import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, startBrowser } from "../support/browser.js";
import { programs } from "../support/programs.js";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";

describe.skipIf(!programs.chromium)("the register of expected rigs, in a real Chromium", () => {
  let server: ToldServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startToldServer();
    await server.tell([fullRig(1), fullRig(2)]);
    const csv =
      "name,mac,address,row,rack,position,owner,state\nA-01,02:00:00:00:00:01,,A,R1,1,ours,repair\nA-02,,10.0.9.9,A,R1,2,ours,\n";
    const answer = await fetch(`${server.url}/api/register`, {
      method: "POST",
      headers: { "content-type": "text/csv" },
      body: csv,
    });
    expect(answer.status).toBe(200);
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test("the page Fleet lists who is missing and who is not expected, and a rig's page its place", async () => {
    const page = await browser.page({ width: 1280, height: 800 });
    await page.goto(`${server.url}/fleet`);
    await page.getByLabel("State", { exact: true }).selectOption("missing");
    const missing = page.getByTestId("register-missing");
    await missing.getByText("A-02").waitFor();
    expect(await missing.locator("tbody tr").allInnerTexts()).toEqual([
      "A-02\tRow A · Rack R1 · Position 2\t10.0.9.9\tours\tnever seen",
    ]);
    expect(await page.getByTestId("fleet-count").textContent()).toBe("1 of 2 rigs");
    await page.getByLabel("State", { exact: true }).selectOption("unexpected");
    await page.getByTestId("register-unexpected").getByRole("link", { name: "10.0.0.2" }).click();
    await page.waitForSelector('[data-rig="2"]');
    await page.goto(`${server.url}/rigs/r1`);
    await page.getByText("in repair: raises no alarm").waitFor();
    await page.getByText("R1", { exact: true }).waitFor();
    await page.setViewportSize({ width: 390, height: 800 });
    await page.goto(`${server.url}/fleet?status=unexpected`);
    await page.getByText("in no entry", { exact: true }).waitFor();
    await browser.closePage(page);
  });
});
