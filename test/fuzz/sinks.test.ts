import { contractReading } from "@hashwatt/agent/cli/contractReading";
import { toHandle } from "@hashwatt/agent/toSample";
import { plainText } from "@hashwatt/protocol/plainText";
import { SLUG, toSlug } from "@hashwatt/protocol/slug";
import { agentTopic, parseAgentTopic } from "@hashwatt/protocol/topics";
import type { AlertMessage } from "@hashwatt/server/alerts/messages/alertMessage";
import { lineOf, pairsOf } from "@hashwatt/server/metrics/family";
import { addLines } from "@hashwatt/server/store/influx/lines";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startBrowser } from "../support/browser.js";
import { serveFake } from "../support/fakeHttp.js";
import { startInfluxd } from "../support/influxd.js";
import { startOurs } from "../support/program.js";
import { programs } from "../support/programs.js";
import { promtool } from "../support/prometheus.js";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";
import { until } from "../support/wait.js";
import { startHostileRig } from "./hostileRig.js";
import { isOneLine, LIVE_CHARACTERS, NASTY } from "./nasty.js";

const NAMES = Object.keys(NASTY);
/** What fits into the fields of a reading. */
const short = (name: string): string => NASTY[name]!.slice(0, 90);

describe("a rig's text in the terminal", () => {
  test("neither steers it nor makes a line of its own, by read, read --json and scan", async () => {
    const rig = await startHostileRig();
    const rows = NAMES.map((name) => ({
      URL: NASTY[name],
      User: NASTY[name],
      Status: "Alive",
      "Stratum Active": true,
    }));
    const says = (sections: object) =>
      JSON.stringify({ STATUS: [{ STATUS: "S", When: 1, Code: 7, Msg: "x" }], ...sections });
    const summary = says({
      SUMMARY: [
        {
          Elapsed: 900,
          "MHS av": 1e8,
          "HS RT": 1e8,
          "Factory GHS": 100_000,
          "Fan Speed In": 1,
          Power: 3_000,
          "Power Mode": NASTY["clears the screen"],
        },
      ],
    });
    const all = Object.values(NASTY).join("");
    const texts = { Msg: { hostname: all, minersn: all, fw_ver: all, api_ver: all, power_mode: all } };
    try {
      for (const from of [0, 16, 32]) {
        rig.is.replies = {
          summary,
          devs: says({ DEVS: [{ ASC: 0, Slot: 0, "HS RT": 1e8, Temperature: 60, "PCB SN": all }] }),
          pools: says({ POOLS: rows.slice(from, from + 16) }),
          get_version: says(texts),
          get_miner_info: says(texts),
          status: says(texts),
        };
        for (const args of [
          ["read", `127.0.0.1:${rig.port}`],
          ["read", `127.0.0.1:${rig.port}`, "--json"],
          ["scan", "127.0.0.1", "--port", String(rig.port)],
        ]) {
          const program = startOurs("agent", args);
          expect(await program.exit, program.lines.join("\n")).toBe(0);
          expect(program.lines.length).toBeGreaterThan(0);
          for (const line of program.lines) expect(isOneLine(line), JSON.stringify(line)).toBe(true);
        }
      }
    } finally {
      await rig.close();
    }
  }, 120_000);

  test("is not even in the reading", () => {
    for (const name of NAMES) {
      const reading = contractReading({ status: "mining", model: plainText(NASTY[name]!) } as never);
      expect(LIVE_CHARACTERS.test(JSON.stringify(reading)), name).toBe(false);
    }
  });

  test("is one line of what npm start shows", async () => {
    const path = "../../scripts/start-log.mjs";
    const { readable } = (await import(path)) as { readable(name: string, line: string): string };
    for (const name of NAMES) {
      const record = JSON.stringify({
        level: 40,
        time: 0,
        msg: NASTY[name],
        rig: NASTY[name],
        err: { message: NASTY[name] },
      });
      expect(isOneLine(readable("agent", record)), name).toBe(true);
      expect(isOneLine(readable("broker", `no JSON ${NASTY[name]}`)), name).toBe(true);
    }
  });
});

describe("a text in a name of ours", () => {
  test.each(NAMES)("%s makes no other topic, folder or handle", (name) => {
    const text = NASTY[name]!;
    for (const make of [toSlug, (from: string) => toHandle(from, 4029)])
      try {
        expect(make(text)).toMatch(SLUG);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    if (!SLUG.test(text)) expect(parseAgentTopic(agentTopic(text, text, "batch"))).toBeUndefined();
  });
});

describe.skipIf(!programs.promtool)("a text in a label", () => {
  test("is read back by Prometheus' own parser, one series a text", () => {
    const lines = NAMES.map((name) =>
      lineOf("hashwatt_x", pairsOf(["a", "name"], [String(NAMES.indexOf(name)), NASTY[name]!.toString()]), 1),
    );
    const { code, said } = promtool(
      ["check", "metrics"],
      `# HELP hashwatt_x x\n# TYPE hashwatt_x gauge\n${lines.join("")}`,
    );
    expect(said).not.toMatch(/error while linting|parse/i);
    expect([0, 3]).toContain(code);
    expect(lines.join("").split("\n")).toHaveLength(NAMES.length + 1);
  });
});

describe.skipIf(!programs.influxd)("a text in a line of InfluxDB", () => {
  test("stays one field of one point, whatever it holds", async () => {
    await using influx = await startInfluxd();
    await influx.query('CREATE DATABASE "x"');
    const lines: string[] = [];
    for (const [i, name] of NAMES.entries()) {
      const text = NASTY[name]!.slice(0, 300);
      const sample = {
        atMs: 1_700_000_000_000 + i,
        intervalMs: 5_000,
        status: "mining",
        pool: text,
        powerMode: text.slice(0, 64),
        faults: [{ code: "x", text }],
      };
      addLines({ rig: 1, site: "farm", receivedMs: sample.atMs, sample } as never, lines);
    }
    expect(lines).toHaveLength(NAMES.length);
    const answer = await fetch(`${influx.url}/write?db=x&precision=ms`, {
      method: "POST",
      body: lines.join("\n"),
    });
    expect(answer.status, await answer.text()).toBe(204);
    const { series } = await influx.query('SELECT pool FROM "rig"', "x");
    const pools = series![0]!.values.map(([, pool]) => String(pool));
    expect(pools).toHaveLength(NAMES.length);
    for (const [i, name] of NAMES.entries()) {
      const stored = NASTY[name]!.slice(0, 300)
        .replace(/[\r\n]+/g, " ")
        .replace(/\p{Cs}/gu, "\ufffd");
      expect(pools[i], name).toBe(stored);
    }
    expect((await influx.query("SHOW MEASUREMENTS", "x")).series![0]!.values).toEqual([["rig"]]);
  }, 60_000);
});

describe("a rig's text behind the intake", () => {
  let server: ToldServer;
  const rigs = NAMES.map((name, i) => {
    const { evidence, sample } = fullRig(1);
    const text = short(name);
    return {
      evidence: {
        ...evidence,
        address: `10.0.1.${i + 1}`,
        mac: `02:00:00:00:01:${i.toString(16).padStart(2, "0")}`,
        serial: `SERIAL-${i}`,
        hostname: text,
        make: "Bitmain",
        model: text,
        firmware: text,
        pools: [{ url: text, user: text, active: true }],
      },
      sample: { ...sample, pool: text, powerMode: text.slice(0, 60), faults: [{ code: "F1", text }] },
    };
  });
  beforeAll(async () => {
    server = await startToldServer({ metrics: { perRig: true } });
    await server.tell(rigs);
  }, 60_000);
  afterAll(() => server?.close());

  test("is plain in every answer of the API, in the metrics and in the topics", async () => {
    const topics: string[] = [];
    server.mqtt.on("message", (topic, payload) => {
      if (/\/rig\//.test(topic)) topics.push(`${topic} ${String(payload)}`);
    });
    await server.mqtt.subscribeAsync("hashwatt/v1/+/rig/+/info");
    await until("all rigs are described", () => topics.length >= rigs.length);
    for (const topic of topics) expect(topic).toMatch(/^hashwatt\/v1\/farm\/rig\/r\d+\/info \{/);
    const texts = await Promise.all(
      [
        "/api/fleet",
        "/api/alerts",
        "/api/health",
        "/metrics",
        ...rigs.map((_, i) => `/api/rigs/r${i + 1}`),
      ].map(async (path) => (await fetch(`${server.url}${path}`)).text()),
    );
    for (const text of [...topics, ...texts]) {
      expect(LIVE_CHARACTERS.test(text), text.slice(0, 200)).toBe(false);
      expect(text).not.toMatch(/\\u00[01]|\\u007f/);
    }
  });

  test("is plain in what a webhook gets, and whole JSON", async () => {
    const bodies: string[] = [];
    const receiver = await serveFake(({ method, body }) => {
      bodies.push(body);
      return method === "POST" ? { status: 204 } : undefined;
    });
    const watched = await startToldServer({ webhook: `${receiver.url}/alerts` }, "hot");
    try {
      const hot = rigs.map(({ evidence, sample }) => ({ evidence, sample: { ...sample, chipTempC: 130 } }));
      // More than four alike are one alert, which names up to fifty of them.
      const subjectsOf = ({ alerts }: AlertMessage) =>
        alerts.flatMap(({ subject, members }) => [subject, ...(members?.subjects ?? [])]);
      const told = new Set<string>();
      await until("every rig's alert is delivered", async () => {
        await watched.tell(hot);
        watched.later(30_000);
        for (const body of bodies)
          for (const { kind, id } of subjectsOf(JSON.parse(body))) if (kind === "rig") told.add(id);
        return told.size >= Math.min(rigs.length, 50);
      });
      for (const body of bodies) {
        expect(LIVE_CHARACTERS.test(body), body.slice(0, 200)).toBe(false);
        expect(body).not.toMatch(/\\u00[01]|\\u007f|\\[nrtbf]/);
        for (const { name } of subjectsOf(JSON.parse(body))) expect(isOneLine(name), name).toBe(true);
        for (const { model, reason } of (JSON.parse(body) as AlertMessage).alerts)
          for (const text of [model ?? "", reason]) expect(isOneLine(text), text).toBe(true);
      }
      expect(receiver.unexpected).toEqual([]);
    } finally {
      await watched.close();
      await receiver.close();
    }
  });

  test.skipIf(!programs.chromium)(
    "is text on every page: no script runs, no element is made, no address leads elsewhere",
    async () => {
      const browser = await startBrowser();
      try {
        const page = await browser.page({ width: 1_400, height: 900 });
        const asked: string[] = [];
        page.on("request", (request) => asked.push(request.url()));
        page.on("dialog", (dialog) => void dialog.dismiss());
        const at = async (path: string, sees: string) => {
          await page.goto(`${server.url}${path}`);
          await page.getByText(sees, { exact: false }).first().waitFor({ timeout: 60_000 });
          await mustBeText(page);
        };
        await at("/fleet", "10.0.1.1");
        for (const name of [
          "is a script",
          "is an image",
          "leaves an attribute",
          "is a script's address",
          "turns the line round",
        ])
          await at(`/rigs/r${NAMES.indexOf(name) + 1}`, `10.0.1.${NAMES.indexOf(name) + 1}`);
        expect(asked.filter((url) => !url.startsWith(server.url) && !url.startsWith("data:"))).toEqual([]);
      } finally {
        await browser.close();
      }
    },
    180_000,
  );
});

async function mustBeText(page: Page): Promise<void> {
  expect(await page.title()).not.toContain("owned");
  const found = await page.evaluate(() => ({
    made: document.querySelectorAll("img[src='x'], [onerror], [onfocus], [autofocus]").length,
    scripts: [...document.querySelectorAll("script")].filter((script) =>
      script.textContent?.includes("owned"),
    ).length,
    links: [...document.querySelectorAll("a")].map((link) => link.protocol),
    steering: /[\u202a-\u202e\u2066-\u2069\u200b]/.test(document.body.textContent ?? ""),
  }));
  expect(found).toMatchObject({ made: 0, scripts: 0, steering: false });
  expect(found.links.filter((protocol) => protocol !== "http:")).toEqual([]);
}
