import type { RegisterView } from "@hashwatt/protocol/register";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, startBrowser } from "../support/browser.js";
import { programs } from "../support/programs.js";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";
import { until } from "../support/wait.js";

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

  test("a rig is added, changed and removed on the page of the register; of a file with a refused row nothing is imported", async () => {
    const page = await browser.page({ width: 768, height: 1024 });
    const entries = async () => {
      const answer = await fetch(`${server.url}/api/register`);
      return ((await answer.json()) as RegisterView).entries;
    };
    // The rig that nobody expected is added with what is known of it.
    await page.goto(`${server.url}/fleet/register?add=r2`);
    const form = page.getByTestId("entry");
    await form.waitFor();
    expect(await form.getByLabel("MAC").inputValue()).toBe("02:00:00:00:00:02");
    await form.getByLabel("Name", { exact: true }).fill("A-03");
    await form.getByLabel("Rack").fill("R1");
    await page.getByRole("button", { name: "Save" }).click();
    const row = page.locator('[data-entry="e3"]');
    await row.getByText("A-03").waitFor();
    await row.getByLabel("State of A-03").selectOption("spare");
    await until("the state is kept", async () => (await entries())[2]?.state === "spare");
    await row.getByRole("button", { name: "Edit" }).click();
    await form.getByLabel("Rack").fill("R2");
    await form.getByLabel("Serial").fill("");
    await page.getByRole("button", { name: "Save" }).click();
    await row.getByText("Rack R2").waitFor();
    expect((await entries())[2]).toMatchObject({ rack: "R2", presence: "present", rigs: ["r2"] });
    expect((await entries())[2]).not.toHaveProperty("serial");

    // One that another entry names already says so before it changes that one.
    await page.getByRole("button", { name: "Add a rig" }).click();
    await form.getByLabel("MAC").fill("02-00-00-00-00-02");
    await page.getByText("A-03 (e3) is known by that already: saving changes that entry.").waitFor();
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: "Import CSV" }).click();
    const choose = (csv: string) =>
      page.setInputFiles('input[type="file"]', {
        name: "rigs.csv",
        mimeType: "text/csv",
        buffer: Buffer.from(csv),
      });
    await choose("name,mac,state\nA-04,02:00:00:00:00:04,\nA-05,zz,\nA-06,,gone\n");
    const refused = page.getByTestId("refused");
    await refused.getByText('"zz" is no MAC; write 02:1a:2b:3c:4d:5e').waitFor();
    expect(await refused.locator("tbody tr").count()).toBe(2);
    await page.getByText("2 rows refused").waitFor();
    expect(await page.getByRole("button", { name: "Import 1 rig" }).isDisabled()).toBe(true);
    await choose("name,mac,rack\nA-03,02:00:00:00:00:02,R7\nA-04,02:00:00:00:00:04,R1\n");
    await page.getByText("1 new, 1 changed, 0 as they are").waitFor();
    expect(await entries()).toHaveLength(3);
    await page.getByRole("button", { name: "Import 2 rigs" }).click();
    await page.getByText("1 added, 1 changed, 0 as they were; 4 rigs are expected.").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await row.getByText("Rack R7").waitFor();
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 844 });
      const cut = () =>
        page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(await cut(), `${width}`).toBeLessThanOrEqual(0);
      await row.getByRole("button", { name: "Edit" }).click();
      await form.waitFor();
      expect(await cut(), `${width}`).toBeLessThanOrEqual(0);
      await page.keyboard.press("Escape");
    }

    await row.getByRole("button", { name: "Remove" }).click();
    await row.getByRole("button", { name: "Remove? Readings stay" }).click();
    await row.waitFor({ state: "detached" });
    expect((await entries()).map(({ id }) => id)).toEqual(["e1", "e2", "e4"]);
    await browser.closePage(page);
  });
});
