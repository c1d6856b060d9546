import type { Page, Route } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Browser, startBrowser } from "../support/browser.js";
import { programs } from "../support/programs.js";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";
import { until } from "../support/wait.js";

const PASSWORD = "ann's password";

describe.skipIf(!programs.chromium)("dialogs and forms in a real Chromium", () => {
  let server: ToldServer;
  let browser: Browser;
  let page: Page;

  const logIn = async () => {
    await page.fill('input[name="username"]', "ann");
    await page.fill('input[name="password"]', PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForSelector('[data-connection="live"]');
  };
  const hot = fullRig(5);
  hot.sample = { ...hot.sample, chipTempC: 120 };
  const row = () => page.locator('[data-rule="overheating"]').first();
  const dialog = () => page.getByRole("dialog");
  const isModal = () => page.evaluate(() => document.querySelector("dialog:modal") !== null);

  beforeAll(async () => {
    server = await startToldServer({
      http: { port: 0, users: [{ name: "ann", role: "admin", password: PASSWORD }] },
    });
    for (let i = 0; i < 2; i++) {
      await server.tell([hot]);
      server.later(5_000);
    }
    browser = await startBrowser();
    page = await browser.page({ width: 1_280, height: 900 });
    await page.goto(`${server.url}/alerts`);
    await logIn();
  });
  afterEach(() => page?.unrouteAll({ behavior: "ignoreErrors" }));
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test("one makes way for the login when the session ends, and then stands there with what was filled in", async () => {
    await row().locator('[data-act="snooze"]').click();
    const note = page.getByTestId("do-snooze").locator('input[name="note"]');
    await note.fill("until the fan is here");
    await page.evaluate(() => fetch("/api/session", { method: "DELETE" }));
    await page.getByText("Your session has ended. Log in to go on where you were.").waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("username");
    await logIn();
    await note.waitFor();
    expect(await isModal()).toBe(true);
    expect(await note.inputValue()).toBe("until the fan is here");
    expect(await note.evaluate((field) => field === document.activeElement)).toBe(true);
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
    await until("the button has the focus again", () =>
      page.evaluate(() => document.activeElement?.getAttribute("data-act") === "snooze"),
    );
  });

  test("one about an alert stays when the alert ends meanwhile, with the note that was typed", async () => {
    await row().locator('[data-act="ack"]').click();
    const note = page.getByTestId("do-ack").locator('input[name="note"]');
    await note.fill("on my way");
    await until("the alert has ended", async () => {
      await server.tell([fullRig(5)]);
      server.later(10_000);
      return (await row().getAttribute("data-state")) === "resolved";
    });
    expect(await isModal()).toBe(true);
    expect(await note.inputValue()).toBe("on my way");
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
    // What opened it is gone.
    await until("the page has the focus", () => page.evaluate(() => document.activeElement?.id === "main"));
  });
});
