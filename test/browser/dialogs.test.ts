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

  /** Keeps requests of a method from the server until they are let go. */
  const hold = async (pattern: string, method: string) => {
    const kept: Route[] = [];
    let isHeld = true;
    await page.route(pattern, (route) => {
      if (!isHeld || route.request().method() !== method) return route.fallback();
      kept.push(route);
    });
    return {
      kept,
      letGo: async () => {
        isHeld = false;
        for (const route of kept.splice(0)) await route.continue();
      },
    };
  };
  const refuse = (pattern: string, method: string, message: string) =>
    page.route(pattern, (route) =>
      route.request().method() === method
        ? route.fulfill({ status: 500, json: { error: "internal", message } })
        : route.fallback(),
    );
  const button = (name: string) => dialog().getByRole("button", { name });
  const leave = async () => {
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
  };

  test("a preview that comes late is not of what was changed meanwhile, and YAML is not left for the form without a word", async () => {
    await page.goto(`${server.url}/settings/tariffs`);
    await page.getByRole("button", { name: "Add" }).click();
    const form = page.getByTestId("tariffForm");
    await form.getByLabel("Short name").fill("flat");
    await form.getByLabel("Name", { exact: true }).fill("Flat");
    await form.getByLabel("Valid from").fill("2026-01-01");
    await form.getByLabel("Source").fill("the contract");
    const price = form.getByLabel("Price per kWh");
    await price.fill("0.07");
    const { kept, letGo } = await hold("**/api/settings/preview", "POST");
    await button("Preview").click();
    await until("the preview is asked for", () => kept.length === 1);
    await price.fill("0.09");
    await letGo();
    const isIdle = async () => (await button("Preview").getAttribute("aria-disabled")) === "false";
    await until("its answer has come", isIdle);
    expect([await page.getByTestId("reprice").count(), await button("Save").isDisabled()]).toEqual([0, true]);
    await button("Preview").click();
    await page.getByTestId("reprice").waitFor();
    expect(await button("Save").isEnabled()).toBe(true);

    await dialog().getByText("YAML", { exact: true }).click();
    const yaml = page.getByRole("textbox", { name: "YAML" });
    await yaml.fill((await yaml.inputValue()).replace("0.09", "0.08"));
    await dialog().getByText("Form", { exact: true }).click();
    await page.getByTestId("yamlLost").waitFor();
    expect(await yaml.inputValue()).toContain("0.08");
    await button("Throw it away").click();
    expect(await price.inputValue()).toBe("0.09");
    await leave();
  });

  test("changes of a list are all done, a refused password stays, and what is not fetched again says how old it is", async () => {
    await page.evaluate(async () => {
      const headers = { "content-type": "application/json" };
      for (const name of ["bo", "cy"]) {
        const body = JSON.stringify({ name, role: "viewer", password: "what they know" });
        await fetch("/api/users", { method: "POST", headers, body });
      }
    });
    await page.goto(`${server.url}/settings/access`);
    const roles = ["bo", "cy"].map((name) => page.getByLabel(`Role of ${name}`));
    const { kept, letGo } = await hold("**/api/users/*", "PATCH");
    await roles[0]!.selectOption("operator");
    await until("the first is asked for", () => kept.length === 1);
    await roles[1]!.selectOption("operator");
    await letGo();
    await until("both are done", async () => {
      const are = await Promise.all(roles.map((role) => role.inputValue()));
      return are.every((role) => role === "operator");
    });

    await refuse("**/api/users/*", "PATCH", "too common by far");
    const bo = page.locator('[data-user="bo"]');
    await bo.getByRole("button", { name: "New password" }).click();
    const field = bo.getByLabel("New password of bo");
    await field.fill("what else they know");
    await page.keyboard.press("Enter");
    await page.getByText("too common by far").waitFor();
    expect(await field.inputValue()).toBe("what else they know");
    await page.unroute("**/api/users/*");

    await page.route("**/api/users", (route) => route.abort());
    await bo.getByRole("button", { name: "Set" }).click();
    await page.getByTestId("shownAge").waitFor();
    expect(await roles[1]!.isVisible()).toBe(true);
    await page.unroute("**/api/users");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByTestId("shownAge").waitFor({ state: "detached" });
  });

  test("no other file can be chosen while one is looked at", async () => {
    await page.goto(`${server.url}/fleet/register`);
    await page.getByRole("button", { name: "Import CSV" }).click();
    const { kept, letGo } = await hold("**/api/register/preview", "POST");
    const file = dialog().locator('input[type="file"]');
    const buffer = Buffer.from("name,mac\nA-01,02:00:00:00:00:01\n");
    await file.setInputFiles({ name: "a.csv", mimeType: "text/csv", buffer });
    await until("it is looked at", () => kept.length === 1);
    expect(await file.isDisabled()).toBe(true);
    await letGo();
    await page.getByTestId("counts").waitFor();
    expect(await file.isEnabled()).toBe(true);
    await leave();
  });

  test("half of an escalation or of quiet hours is not left out of a route, and settings of rules that are not there are told", async () => {
    await page.goto(`${server.url}/alerts/delivery`);
    const { kept } = await hold("**/api/alerts/routes/*", "PUT");
    await page.getByRole("button", { name: "Add a route" }).click();
    const form = page.getByTestId("route");
    await form.locator('input[name="id"]').fill("night");
    await form.locator('input[name="order"]').fill("");
    await form.locator('input[name="quietFrom"]').fill("22:00");
    await form.locator('input[name="after"]').fill("30");
    await button("Save").click();
    const missing = await form.locator("input:invalid, select:invalid").all();
    expect(await Promise.all(missing.map((field) => field.getAttribute("name")))).toEqual([
      "order",
      "quietTo",
      "to",
    ]);
    expect(kept).toEqual([]);
    await leave();

    await refuse("**/api/settings/alert-rules", "GET", "the state file is locked");
    await page.getByRole("link", { name: "Rules", exact: true }).click();
    await page.getByTestId("rules").locator("li").first().waitFor();
    await page.getByText("the state file is locked").waitFor();
  });

  test("Play starts one replay, and a seek that fails gives the slider back", async () => {
    await page.goto(`${server.url}/replay`);
    const { kept } = await hold("**/api/replays", "POST");
    await page.getByRole("button", { name: "Play" }).dblclick();
    await until("it is asked for", () => kept.length > 0);
    await kept[0]!.fulfill({ status: 409, json: { error: "conflict", message: "2 replays of yours run" } });
    await page.getByText("2 replays of yours run").waitFor();
    expect(kept).toHaveLength(1);

    const fromMs = 1_790_000_000_000;
    const view = { id: "replay-told", who: "ann", fromMs, toMs: fromMs + 3_600_000, atMs: fromMs + 60_000 };
    const json = { ...view, speed: 1, playing: false, ready: true, jumps: 0 };
    await page.route("**/api/replays/replay-told", (route) => route.fulfill({ json }));
    await refuse("**/api/replays/replay-told", "PATCH", "the tape is torn");
    await page.goto(`${server.url}/replay/replay-told/`);
    const seek = page.getByTestId("replaySeek");
    await seek.fill(String(fromMs + 1_800_000));
    await page.getByText("the tape is torn").waitFor();
    expect(await seek.inputValue()).toBe(String(view.atMs));
  });

  test("a page that cannot be loaded leaves the others to be gone to", async () => {
    await page.goto(`${server.url}/fleet`);
    const filter = page.getByPlaceholder("Filter by name, address, model");
    await filter.waitFor();
    await page.route("**/assets/MoneyPage*", (route) => route.abort());
    await page.getByRole("link", { name: "Money", exact: true }).click();
    await page.getByRole("heading", { name: "This page broke" }).waitFor();
    await page.getByRole("link", { name: "Fleet", exact: true }).click();
    await filter.waitFor();
  });
});
