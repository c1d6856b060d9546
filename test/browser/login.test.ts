import { type Fleet, startFleet } from "@hashwatt/simulator/listener";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, startBrowser } from "../support/browser.js";
import { freePort } from "../support/ports.js";
import { programs } from "../support/programs.js";
import { type Stack, startStack } from "../support/stack.js";
import { until } from "../support/wait.js";

const PASSWORD = "correct horse battery";
const TOKEN = "0123456789abcdef-browser";
const LOGIN = '[data-testid="login"]';
const FIELD = 'input[name="password"]';
const LIVE = '[data-connection="live"]';

/** Everything that the page has asked of the API, less who it is. */
function askedBy(page: Page): string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/api/") && pathname !== "/api/session") asked.push(pathname);
  });
  page.on("websocket", (socket) => asked.push(new URL(socket.url()).pathname));
  return asked;
}

async function logIn(page: Page, password = PASSWORD): Promise<void> {
  await page.fill(FIELD, password);
  await page.keyboard.press("Enter");
}

describe.skipIf(!programs.chromium)("the login in a real Chromium", () => {
  let fleet: Fleet;
  let stack: Stack;
  let browser: Browser;

  beforeAll(async () => {
    fleet = await startFleet({
      rigs: 40,
      seed: 6,
      port: await freePort(),
      base: "127.43.0.1",
      incidents: false,
    });
    stack = await startStack({
      rigs: fleet.addresses.map((rig) => `${rig.address}:${rig.port}`),
      intervalMs: 1_000,
      broker: "embedded",
      http: { password: PASSWORD, tokens: [TOKEN] },
    });
    browser = await startBrowser();
    await until("all rigs report", async () => {
      const totals = await stack.get<{ fleet: { reporting: number } }>("/api/totals");
      return totals.fleet.reporting === 40;
    });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.close();
    await fleet?.close();
  });

  test("comes before every page, which asks for nothing until the password is right, and then is the page that was asked for", async () => {
    const page = await browser.page({ width: 1440, height: 900 });
    const asked = askedBy(page);
    await page.goto(`${stack.url}/rigs/r3`);
    await page.waitForSelector(LOGIN);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("password");
    await logIn(page, "another horse");
    await page.getByRole("alert").getByText("That is not the password.").waitFor();
    expect(await page.locator("[data-field], nav, table").count()).toBe(0);
    expect(asked).toEqual([]);
    await logIn(page);
    await page.waitForSelector(LIVE);
    await page.locator('[data-field="hashrateThs"]').first().waitFor();
    expect(new URL(page.url()).pathname).toBe("/rigs/r3");
    expect(await page.locator(LOGIN).count()).toBe(0);
    expect(asked).toContain("/live");
    // No script can read what the browser keeps.
    expect(await page.evaluate(() => [document.cookie, JSON.stringify({ ...localStorage })])).toEqual([
      "",
      "{}",
    ]);
    await browser.closePage(page);
  });

  test("speaks the language of the screen, and shows what was typed only when told to", async () => {
    const page = await browser.page({ width: 768, height: 1024 });
    await page.goto(stack.url);
    await page.waitForSelector(LOGIN);
    await page.click('[data-testid="language"]');
    await page.getByRole("heading", { name: "登录" }).waitFor();
    await page.fill(FIELD, "another horse");
    expect(await page.getAttribute(FIELD, "type")).toBe("password");
    await page.getByRole("button", { name: "显示" }).click();
    expect(await page.getAttribute(FIELD, "type")).toBe("text");
    await page.locator(FIELD).press("Enter");
    await page.getByRole("alert").getByText("密码不正确。").waitFor();
    await browser.closePage(page);
  });

  test("fits three widths, dark and light, with nothing cut off and no error", async () => {
    for (const dark of [true, false])
      for (const [width, height] of [
        [1440, 900],
        [768, 1024],
        [390, 844],
        [390, 360],
      ] as const) {
        const page = await browser.page({ width, height, dark });
        const errors: string[] = [];
        page.on("pageerror", (error) => errors.push(String(error)));
        page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
        await page.goto(stack.url);
        await page.waitForSelector(LOGIN);
        const cut = await page.evaluate((selector) => {
          const screen = document.querySelector(selector)!;
          return screen.scrollWidth - screen.clientWidth;
        }, LOGIN);
        expect(cut, `${width}`).toBeLessThanOrEqual(0);
        const button = page.getByRole("button", { name: "Log in" });
        await button.scrollIntoViewIfNeeded();
        expect((await button.boundingBox())?.width, `${width}`).toBeGreaterThan(200);
        expect(errors, `${width}`).toEqual([]);
        await browser.closePage(page);
      }
  });

  test("goes on by itself when the server was started anew", async () => {
    const page = await browser.page({ width: 1440, height: 900 });
    await page.goto(stack.url);
    await logIn(page);
    await page.waitForSelector(LIVE);
    await stack.server.stop();
    await page.waitForSelector('[data-connection="lost"]');
    await stack.startServer();
    await page.waitForSelector(LIVE, { timeout: 30_000 });
    expect(await page.locator(LOGIN).count()).toBe(0);
    await browser.closePage(page);
  });

  test("takes the place of a page whose session has ended, and gives it back as it was", async () => {
    const page = await browser.page({ width: 390, height: 500 });
    await page.goto(`${stack.url}/fleet`);
    await logIn(page);
    await page.waitForSelector(LIVE);
    const filter = page.getByPlaceholder("Filter by name, address, model");
    await filter.fill("127.43");
    await page.evaluate(() => window.scrollTo(0, 300));
    const before = await page.evaluate(() => window.scrollY);
    expect(before).toBeGreaterThan(100);

    // The same session ends in another window.
    const other = await page.context().newPage();
    await other.goto(stack.url);
    await other.waitForSelector(LIVE);
    await other.click('[data-testid="logout"]');
    await page.bringToFront();
    await page.getByText("Your session has ended. Log in to go on where you were.").waitFor();
    expect(await page.locator("nav").isVisible()).toBe(false);
    expect(await page.title()).toBe("Log in · Hashwatt");
    await logIn(page);
    await page.waitForSelector(LIVE);
    expect(await filter.inputValue()).toBe("127.43");
    expect(await page.evaluate(() => window.scrollY)).toBe(before);
    expect(await page.title()).toBe("Fleet · Hashwatt");
    await browser.closePage(page);
  });

  test("comes back when one logs out, and no way back leads past it", async () => {
    const page = await browser.page({ width: 390, height: 844 });
    await page.goto(stack.url);
    await logIn(page);
    await page.waitForSelector(LIVE);
    await page.getByRole("link", { name: "Fleet" }).click();
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    ).toBeLessThanOrEqual(0);
    await page.click('[data-testid="logout"]');
    await page.getByText("You are logged out.").waitFor();
    expect(await page.locator("nav").count()).toBe(0);
    await page.goBack();
    expect(await page.locator("[data-field], nav, table").count()).toBe(0);
    const asked = askedBy(page);
    // What the page of before was still at does not count.
    page.once("framenavigated", () => {
      asked.length = 0;
    });
    await page.reload();
    await page.waitForSelector(LOGIN);
    expect(asked).toEqual([]);
    await logIn(page);
    await page.waitForSelector(LIVE);
    await browser.closePage(page);
  });

  test("says how long to wait after too many wrong passwords", async () => {
    const page = await browser.page({ width: 390, height: 844 });
    await page.goto(stack.url);
    const problem = page.getByRole("alert");
    await until("the server wants no more tries", async () => {
      await logIn(page, "another horse");
      await page.getByRole("button", { name: "Log in", disabled: false }).waitFor();
      return /^Too many wrong tries\. Try again in \d+ s\.$/.test((await problem.textContent()) ?? "");
    });
    await browser.closePage(page);
  });
});

describe.skipIf(!programs.chromium)("a session whose time is over", () => {
  test("ends under the eyes of who looks: the connection is closed and the login page stands there, on the same page", async () => {
    const stack = await startStack({
      rigs: [],
      broker: "embedded",
      http: { password: PASSWORD, sessionMaxMs: 8_000 },
    });
    const browser = await startBrowser();
    try {
      const page = await browser.page({ width: 1440, height: 900 });
      await page.goto(`${stack.url}/alerts`);
      await logIn(page);
      await until(
        "the page says so",
        async () => {
          const text = await page.textContent("body");
          if (text?.includes("Your session has ended")) return true;
          throw new Error(`${page.url()} shows: ${text}`);
        },
        45_000,
      );
      expect(new URL(page.url()).pathname).toBe("/alerts");
    } finally {
      await browser.close();
      await stack.close();
    }
  });
});
