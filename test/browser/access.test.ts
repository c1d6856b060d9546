import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, startBrowser } from "../support/browser.js";
import { programs } from "../support/programs.js";
import { type Stack, startStack } from "../support/stack.js";
import { until } from "../support/wait.js";

const PASSWORD = "correct horse battery";
const TOKEN = "0123456789abcdef-browser";
const LIVE = '[data-connection="live"]';

describe.skipIf(!programs.chromium)("logins by name and the page of who gets in, in a real Chromium", () => {
  let stack: Stack;
  let browser: Browser;

  beforeAll(async () => {
    stack = await startStack({
      rigs: [],
      broker: "embedded",
      http: {
        password: PASSWORD,
        tokens: [TOKEN],
        users: [
          { name: "ann", role: "admin", password: "ann's password" },
          { name: "val", role: "viewer", password: "val's password" },
        ],
      },
    });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.close();
  });

  const logIn = async (page: Page, name: string, password: string) => {
    await page.fill('input[name="username"]', name);
    await page.fill('input[name="password"]', password);
    await page.keyboard.press("Enter");
  };

  test("a viewer logs in by name, sees who they are, and is told why there is no more", async () => {
    const page = await browser.page({ width: 390, height: 844 });
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${stack.url}/settings/access`);
    await page.waitForSelector('input[name="username"]');
    expect(await page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("username");
    await logIn(page, "val", "ann's password");
    await page.getByRole("alert").getByText("These are no name and password of a user.").waitFor();
    await logIn(page, "val", "val's password");
    await page.waitForSelector(LIVE);
    await page
      .getByText("Logged in as val (viewer). A viewer sees everything and changes nothing.")
      .waitFor();
    await page.getByText("are for admins; your role is viewer").waitFor();
    expect(await page.locator("form, table").count()).toBe(0);
    expect(asked.filter((path) => /users|tokens|audit/.test(path))).toEqual([]);
    await browser.closePage(page);
  });

  test("an admin adds a user, who is thrown out by a change of role; makes a token that is shown once; and reads all that in the record", async () => {
    const page = await browser.page({ width: 1440, height: 900 });
    await page.goto(`${stack.url}/`);
    await logIn(page, "ann", "ann's password");
    await page.waitForSelector(LIVE);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("link", { name: "Access" }).click();
    const form = page.getByTestId("addUser");
    // Who does not look gives away the least.
    expect(await form.getByLabel("Role").inputValue()).toBe("viewer");
    await form.getByLabel("Name").fill("bob");
    await form.getByLabel("Password").fill("short pw");
    await form.getByRole("button").click();
    const bob = page.locator('[data-user="bob"]');
    await bob.waitFor();
    expect(await page.locator('[data-user="ann"] button').first().isDisabled()).toBe(true);
    expect(await page.locator('[data-user="ann"] button').first().getAttribute("title")).toContain(
      "Declared in the server's config",
    );

    const other = await browser.page({ width: 768, height: 1024 });
    await other.goto(`${stack.url}/alerts`);
    await logIn(other, "bob", "short pw");
    await other.waitForSelector(LIVE);
    await bob.getByLabel("Role of bob").selectOption("operator");
    await other.getByText("Your session has ended.").waitFor();
    await browser.closePage(other);

    const tokens = page.getByTestId("addToken");
    await tokens.getByLabel("Name").fill("grafana");
    await tokens.getByLabel("Days").fill("90");
    await tokens.getByRole("button").click();
    const token = await page.getByTestId("madeToken").inputValue();
    const answer = await fetch(`${stack.url}/api/fleet`, { headers: { authorization: `Bearer ${token}` } });
    expect([token.startsWith("hashwatt_"), answer.status]).toEqual([true, 200]);
    await page.getByRole("button", { name: "I have copied it" }).click();
    expect(await page.content()).not.toContain(token);
    const row = page.locator('[data-token="grafana"]');
    await row.getByRole("button", { name: "Revoke" }).click();
    await row.getByRole("button", { name: "Really revoke?" }).click();
    await page.locator('[data-token="grafana"][data-state="revoked"]').waitFor();

    const record = page.getByTestId("audit");
    for (const action of ["token.revoke", "token.create", "user.role", "user.add", "login"])
      await record.locator(`[data-action="${action}"]`).first().waitFor();
    await page.getByText("Tokens", { exact: true }).click();
    await record.locator('[data-action="login"]').first().waitFor({ state: "detached" });
    await until("both logins stand there", async () => (await record.locator("tbody tr").count()) === 2);
    await browser.closePage(page);
  });

  test("fits three widths, dark and light, with nothing cut off and no error", async () => {
    for (const dark of [true, false]) {
      const page = await browser.page({ width: 1440, height: 900, dark });
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      await page.goto(`${stack.url}/settings/access`);
      await logIn(page, "ann", "ann's password");
      await page.getByTestId("audit").waitFor();
      for (const [width, height] of [
        [1440, 900],
        [768, 1024],
        [390, 844],
      ] as const) {
        await page.setViewportSize({ width, height });
        const cut = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(cut, `${width}`).toBeLessThanOrEqual(0);
      }
      expect(errors).toEqual([]);
      await browser.closePage(page);
    }
  });
});
