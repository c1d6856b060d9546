import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, startBrowser } from "../support/browser.js";
import { programs } from "../support/programs.js";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";
import { until } from "../support/wait.js";

const PASSWORDS = { ann: "ann's password", ope: "ope's password", val: "val's password" };
const METERS = [
  { meter: "hall", site: "farm", at: "ambient", topic: "air/hall", unit: "C" },
  { meter: "hall-rh", site: "farm", at: "row", topic: "air/rh", unit: "percent", register: { row: "A" } },
  { meter: "rack-9", site: "farm", at: "rack", topic: "power/9", register: { rack: "A-9" } },
];

describe.skipIf(!programs.chromium)("who is which, and the air, in a real Chromium", () => {
  let server: ToldServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startToldServer({
      http: {
        port: 0,
        users: [
          { name: "ann", role: "admin", password: PASSWORDS.ann },
          { name: "ope", role: "operator", password: PASSWORDS.ope },
          { name: "val", role: "viewer", password: PASSWORDS.val },
        ],
      },
      meters: METERS,
    });
    // A control board is swapped: another rig by its names, at the same place.
    const before = fullRig(5);
    await server.tell([before]);
    server.later(60_000);
    const evidence = { ...before.evidence, mac: "02:00:00:00:00:77", serial: "OTHER77" };
    await server.tell([{ ...before, evidence }]);
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const enter = async (name: keyof typeof PASSWORDS, path: string, size = { width: 1440, height: 1000 }) => {
    const page = await browser.page(size);
    await page.goto(`${server.url}${path}`);
    await page.fill('input[name="username"]', name);
    await page.fill('input[name="password"]', PASSWORDS[name]);
    await page.keyboard.press("Enter");
    await page.waitForSelector('[data-connection="live"]');
    return page;
  };
  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

  test("a viewer sees the names of a rig, since when, and why there is no more", async () => {
    const page = await enter("val", "/rigs/r2", { width: 390, height: 844 });
    const names = page.getByTestId("aliases");
    await names.getByText("02:00:00:00:00:77").waitFor();
    await names.locator('[data-alias="address"]').getByText("h0").first().waitFor();
    await page.locator('[data-related="r1"]').getByText("another has its place").waitFor();
    await page.getByTestId("rig-events").getByText("it is taken for another rig").waitFor();
    await page.getByText("This takes the role operator; yours is viewer.").waitFor();
    expect(await button(page, "Merge…").isDisabled()).toBe(true);
    expect(await button(page, "Split…").isDisabled()).toBe(true);
    await page.goto(`${server.url}/fleet/register`);
    await page.getByText("This takes the role operator; yours is viewer.").waitFor();
    expect(await button(page, "Add a rig").isDisabled()).toBe(true);
    await browser.closePage(page);
  });

  test("an operator merges two keys of one rig after what moves was said, takes it back, and splits", async () => {
    const page = await enter("ope", "/rigs/r2");
    await button(page, "Merge…").click();
    await page.getByTestId("candidates").getByRole("radio").check();
    const moves = page.getByTestId("moves");
    await moves.getByText("Names that go over to 10.0.0.5 (r1): 02:00:00:00:00:77, OTHER77, h0").waitFor();
    await moves.getByText("10.0.0.5 (r2) leaves the fleet; its page stays and leads to r1").waitFor();
    // The older of the two goes on unless somebody says otherwise.
    await page.getByRole("radio", { name: "10.0.0.5 (r2)" }).check();
    await moves.getByText("Names that go over to 10.0.0.5 (r2)").waitFor();
    await page.getByRole("radio", { name: "10.0.0.5 (r1)" }).last().check();
    await moves.getByText("Names that go over to 10.0.0.5 (r1)").waitFor();
    await button(page, "Merge").click();
    await page.waitForURL(/\/rigs\/r1$/);
    const tie = page.locator('[data-tie="r2"]');
    await tie.getByText("went over: 02:00:00:00:00:77, OTHER77, h0").waitFor();
    await page.getByTestId("rig-events").getByText("are one rig, r1, by an operator").waitFor();

    await page.goto(`${server.url}/rigs/r2`);
    await page.getByText("This is the same rig as r1, which has its history.").waitFor();
    await page.getByRole("link", { name: "Go to r1 →" }).click();
    await tie.getByRole("button", { name: "Undo" }).click();
    await tie.getByRole("button", { name: "Give the names back?" }).click();
    await tie.waitFor({ state: "detached" });

    await page.goto(`${server.url}/rigs/r2`);
    await button(page, "Split…").click();
    await page.getByTestId("moves").getByText("stays with r2, which leaves the fleet").waitFor();
    await button(page, "Split").click();
    await page.waitForURL(/\/rigs\/r3$/);
    await page.locator('[data-tie="r2"]').getByText("Split from").waitFor();
    await browser.closePage(page);
  });

  test("the air of a site is shown with its age and its history, and a meter of a name that nothing has is told", async () => {
    const page = await enter("val", "/", { width: 390, height: 844 });
    const air = page.getByTestId("air");
    const hall = air.locator('[data-sensor="hall"]');
    await until("the sensor is on the screen", async () => {
      server.mqtt.publish("air/hall", "23.4");
      return (await hall.locator('[data-field="air"]').textContent())?.startsWith("23.4");
    });
    expect(await hall.locator('[data-field="airAge"]').textContent()).toMatch(/ s old$/);
    await air.locator('[data-sensor="hall-rh"]').getByText("nothing heard yet").waitFor();
    await page
      .getByTestId("meters")
      .getByText("rack-9: no entry of the register of site farm has rack A-9")
      .waitFor();
    // What was heard a moment ago may be in no row yet.
    await until("the history is drawn", async () => {
      await hall.getByRole("button").click();
      const chart = page.getByRole("dialog", { name: "hall, history" }).locator("canvas");
      const drawn = await chart.waitFor({ timeout: 5_000 }).then(
        () => true,
        () => false,
      );
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      return drawn;
    });
    await browser.closePage(page);
  });
});
