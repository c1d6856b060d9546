import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, startBrowser } from "../support/browser.js";
import { type FakeServer, serveFake } from "../support/fakeHttp.js";
import { programs } from "../support/programs.js";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";
import { until } from "../support/wait.js";

const PASSWORDS = { ann: "ann's password", val: "val's password" };

describe.skipIf(!programs.chromium)("alerts are taken up and told, in a real Chromium", () => {
  let server: ToldServer;
  let receiver: FakeServer;
  let browser: Browser;
  /** The page of the admin: to load it and to log in takes longer than what a test does on it. */
  let ann: Page;
  let status = 404;

  beforeAll(async () => {
    receiver = await serveFake(({ method }) => (method === "POST" ? { status } : undefined));
    server = await startToldServer({
      http: {
        port: 0,
        users: [
          { name: "ann", role: "admin", password: PASSWORDS.ann },
          { name: "val", role: "viewer", password: PASSWORDS.val },
        ],
      },
      alerts: { channels: [{ id: "hook", kind: "webhook", url: `${receiver.url}/s3cret-hook` }] },
    });
    // Readings are held from before the time on which a rule is tried.
    await server.tell([fullRig(5)]);
    server.later(6.1 * 3_600_000);
    const hot = { ...fullRig(5), sample: { ...fullRig(5).sample, chipTempC: 120 } };
    await server.tell([hot]);
    server.later(5_000);
    await server.tell([hot]);
    browser = await startBrowser();
    ann = await enter("ann", "/alerts", { width: 1_440, height: 900 });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await receiver?.close();
  });

  const enter = async (
    name: keyof typeof PASSWORDS,
    path: string,
    size: { width: number; height: number },
  ) => {
    const page = await browser.page(size);
    await page.goto(`${server.url}${path}`);
    await page.fill('input[name="username"]', name);
    await page.fill('input[name="password"]', PASSWORDS[name]);
    await page.keyboard.press("Enter");
    await page.waitForSelector('[data-connection="live"]');
    return page;
  };
  /** The admin's page, narrower, on another tab of Alerts. */
  const tab = async (name: string) => {
    await ann.setViewportSize({ width: 820, height: 1_000 });
    await ann.getByRole("link", { name, exact: true }).click();
    return ann;
  };
  const hot = (page: Page) => page.locator('[data-rule="overheating"]').first();

  test("who takes an alert up is on every screen at once, and in its history; a viewer may look on", async () => {
    const val = await enter("val", "/alerts", { width: 390, height: 844 });
    await hot(val).waitFor();
    expect(await hot(val).locator('[data-act="ack"]').isDisabled()).toBe(true);
    await hot(ann).locator('[data-act="ack"]').click();
    await ann.getByTestId("do-ack").locator('input[name="note"]').fill("on my way");
    await ann.getByRole("dialog").getByRole("button", { name: "Acknowledge", exact: true }).click();
    await hot(val).locator('[data-care="ack"]').getByText("taken up by ann").waitFor();
    await hot(val).getByText("on my way").waitFor();
    await hot(ann).locator('[data-act="silence"]').click();
    await ann.getByTestId("do-silence").locator('select[name="min"]').selectOption("240");
    await ann.getByRole("dialog").getByRole("button", { name: "Silence" }).click();
    await hot(val).locator('[data-care="silence"]').waitFor();
    await hot(val).locator('[data-act="steps"]').click();
    const steps = val.getByTestId("steps");
    await steps.getByText("Acknowledged: on my way · ann").waitFor();
    await steps.getByText("Told hook, by route programs").waitFor();
    await browser.closePage(val);

    await ann.getByRole("button", { name: "Older ones" }).click();
    await ann.getByText("There are no older ones.").waitFor();
    await ann.getByRole("link", { name: "Quiet times" }).click();
    await ann.getByTestId("silences").getByText("overheating").waitFor();
    await ann.getByRole("button", { name: "Plan a stop" }).click();
    const form = ann.getByTestId("stop");
    await form.locator('input[name="name"]').fill("Cable work");
    await form.getByText("Every week").click();
    await form.getByRole("checkbox").first().check();
    await form.locator('input[name="from"]').fill("22:00");
    await form.locator('input[name="to"]').fill("02:00");
    await ann.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await ann.getByTestId("stops").getByText("Cable work").waitFor();
    expect(await ann.locator('[data-stop="cable-work"] i').count()).toBe(2);
    await ann.locator('[data-stop="cable-work"]').getByRole("button", { name: "Edit" }).click();
    expect(await form.locator('input[name="from"]').inputValue()).toBe("22:00");
    await form.getByRole("checkbox").nth(1).check();
    await ann.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await until("the stop has both days", async () =>
      [3, 4].includes(await ann.locator('[data-stop="cable-work"] i').count()),
    );
    await ann.getByRole("button", { name: "Add a silence" }).click();
    const silence = ann.getByTestId("new-silence");
    await silence.locator('input[name="from"]').fill("2031-01-01T08:00");
    await silence.locator('input[name="until"]').fill("2031-01-01T09:30");
    await silence.locator('input[name="groups"]').fill("rack-3, rack-4");
    await ann.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await ann.getByTestId("silences").getByText("rack-3, rack-4").waitFor();
    await ann.getByTestId("silences").getByText("from Wed 1 Jan, 08:00").waitFor();
  });

  test("what a channel refuses is seen, and sent again once it takes it; a channel is made without telling its secret", async () => {
    const page = await tab("Delivery");
    const hook = page.locator('[data-channel="hook"]');
    await hook.getByText("the receiver answered 404").waitFor();
    await hook.locator('[data-act="test"]').click();
    await hook.locator('[data-tested="false"]').waitFor();
    const letters = page.getByTestId("letters");
    await letters.getByText("DANGER").waitFor();
    status = 204;
    await letters.getByRole("button", { name: "Send again" }).click();
    await page.getByText("No message was given up.").waitFor();
    await hook.locator('[data-act="test"]').click();
    await hook.locator('[data-tested="true"]').waitFor();
    await until("the channel works", async () => (await hook.getAttribute("data-problem")) === "");
    await page.getByRole("button", { name: "Add a channel" }).click();
    const form = page.getByTestId("channel");
    await form.locator('select[name="kind"]').selectOption("telegram");
    await form.locator('input[name="id"]').fill("duty");
    await form.locator('input[name="token"]').fill("1:s3cret-token");
    await form.locator('input[name="chat"]').fill("-100");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.locator('[data-channel="duty"]').getByText("nothing delivered").waitFor();
    await page.locator('[data-route="people-at-once"]').getByText("to duty").waitFor();
    expect(await page.content()).not.toContain("s3cret");
  });

  test("a rule of one's own is refused at the caret, then tried on history with two settings side by side", async () => {
    const page = await tab("Rules");
    await page.getByRole("button", { name: "Write a rule" }).click();
    const form = page.getByTestId("rule");
    await form.locator('input[name="name"]').fill("Warm chips");
    await form.locator('input[name="when"]').fill("chipTempC > warm");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    const said = await form.getByRole("alert").textContent();
    expect(said).toContain("chipTempC > warm\n            ^ a number is expected here");
    await form.locator('input[name="when"]').fill("chipTempC > 85 for 2s");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    const own = page.getByTestId("own-rules");
    await own.getByText("chipTempC > 85 for 2s").waitFor();
    await own.locator('[data-act="try"]').click();
    await page.getByTestId("try").locator('select[name="hours"]').selectOption("6");
    await page.getByTestId("try").locator('input[name="limit2"]').fill("130");
    await page.getByRole("dialog").getByRole("button", { name: "Try it" }).click();
    const tried = page.getByTestId("tried");
    await tried.locator('[data-side="1"]').getByText("would have fired 1 time").waitFor();
    await tried.locator('[data-side="2"]').getByText("would have fired 0 times").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    const warm = page.locator('[data-rule-id="inletWarm"]');
    await warm.getByText("limit 40 → 38 °C").waitFor();
    await warm.locator('[data-act="change"]').click();
    await form.locator('input[name="limit"]').fill("38");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await warm.locator("[data-setting]").getByText("everywhere · limit 38").waitFor();
  });

  test("a dialog gives the focus back, a filter finds alerts, and one that begins to fire is said once", async () => {
    const heat = (n: number) => ({ ...fullRig(n), sample: { ...fullRig(n).sample, chipTempC: 121 } });
    const twice = async (n: number) => {
      await server.tell([heat(n)]);
      server.later(5_000);
      await server.tell([heat(n)]);
    };
    await twice(7);
    const page = await enter("ann", "/alerts", { width: 1_440, height: 900 });
    await page
      .getByRole("button", { name: /^History: .+, overheating$/ })
      .first()
      .waitFor();
    await hot(page).locator('[data-act="steps"]').focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await until("the button has the focus again", () =>
      page.evaluate(() => document.activeElement?.getAttribute("data-act") === "steps"),
    );
    const find = page.getByRole("searchbox", { name: "Filter by rig, rule, model or reason" });
    await find.fill("no such rig");
    await page.getByText("No alert fits the filter.").first().waitFor();
    await find.fill("s19 overheating");
    await hot(page).waitFor();
    expect(await page.getByTestId("new-alerts").textContent()).toBe("");
    await twice(6);
    await until("the new alert is said", async () =>
      /new alert.*, overheating$/i.test((await page.getByTestId("new-alerts").textContent()) ?? ""),
    );
    await browser.closePage(page);
  });

  test("all members of a group are listed once it is opened, each leads to its rig", async () => {
    const rigs = [5, 6, 7, 8, 9].map((n) => ({
      ...fullRig(n),
      sample: { ...fullRig(n).sample, inletTempC: 50 },
    }));
    for (let i = 0; i < 4; i++) {
      await server.tell(rigs);
      server.later(30_000);
    }
    const page = await enter("val", "/alerts", { width: 390, height: 844 });
    const members = page.locator('[data-rule="inletHot"] [data-members]');
    await members.getByText("5 members").click();
    await members.getByRole("link").nth(4).waitFor();
    expect(await members.getByRole("link").first().getAttribute("href")).toMatch(/^\/rigs\/r\d+$/);
    await browser.closePage(page);
  });
});
