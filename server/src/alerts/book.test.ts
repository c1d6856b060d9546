import type { AlertView } from "@hashwatt/protocol/http";
import { describe, expect, test } from "vitest";
import { figuresOf } from "../economics/figures.js";
import { newRigView, type Reading, type RigView } from "../fleet/rigView.js";
import { AlertBook } from "./book.js";
import { RULES } from "./rules/registry.js";
import type { RuleContext } from "./rules/rule.js";

const START = Date.UTC(2026, 10, 26);
const MINUTE = 60_000;

const price = { hashpricePerThH: 0.0016, pricePerKwh: 0.06 };
/** A rig with its book, fed with readings at times in seconds after the start. */
function rig(options: { stale?: boolean; demo?: boolean; heardSinceS?: number } = {}) {
  const view: RigView = newRigView({
    rig: 7,
    site: "s",
    agent: "a",
    handle: "h",
    name: "10.0.0.7",
    evidence: { address: "10.0.0.7", model: "S19" },
    aliases: [],
    firstSeenMs: START,
    lastSeenMs: START,
  });
  view.limits = { chip: { limitC: 85, source: "stated by the rig's firmware" } };
  const context: RuleContext = {
    nowMs: START,
    heardSinceMs: START + (options.heardSinceS ?? 0) * 1_000,
    rates: () => ({
      stale: options.stale ?? false,
      demo: options.demo ?? false,
      currency: "USD",
      pricePerKwh: price.pricePerKwh,
    }),
  };
  const book = new AlertBook(RULES);
  const at = (s: number) => {
    context.nowMs = START + s * 1_000;
  };
  return {
    view,
    book,
    context,
    reads(s: number, reading: Partial<Reading>) {
      at(s);
      view.reading = { atMs: context.nowMs, intervalMs: 5_000, status: "mining", ...reading };
      view.receivedMs = context.nowMs;
      view.stale = false;
      view.figures = {};
      if (view.reading.status !== "unreachable") {
        view.answeredMs = context.nowMs;
        view.figures = figuresOf(view.reading, "sha256", price);
        if (view.figures.profitPerH !== undefined) view.lastProfitPerH = view.figures.profitPerH;
      }
      book.step(view, context);
      return this;
    },
    passes(s: number) {
      at(s);
      if (view.receivedMs !== undefined && context.nowMs - view.receivedMs > 30_000) view.stale = true;
      book.sweep(view, context);
      return this;
    },
    transitions: () => book.takeChanges().transitions.map((alert) => `${alert.rule} ${alert.state}`),
    open: () => book.open(7).map((alert) => `${alert.rule} ${alert.state}`),
  };
}

describe("overheating", () => {
  test.each([
    ["one hot reading is not enough", [86, 84], []],
    ["two in a row fire", [86, 86], ["overheating firing"]],
    ["two that are not in a row do not", [86, 84, 86, 84], []],
    ["at the limit is not above it", [85, 85, 85], []],
    ["firing ends only 3 °C below the limit", [86, 86, 84, 83, 84, 83], ["overheating firing"]],
    ["and only after two readings there", [86, 86, 82, 84, 82], ["overheating firing"]],
    ["then it resolves, once", [86, 86, 82, 82, 82], ["overheating firing", "overheating resolved"]],
  ] as const)("%s", (_what, temps, expected) => {
    const it = rig();
    temps.forEach((chipTempC, i) => {
      it.reads(i * 5, { chipTempC });
    });
    expect(it.transitions()).toEqual(expected);
  });

  test("a rig without temperature or without a limit is unknown, which raises nothing", () => {
    const it = rig();
    it.reads(0, {}).reads(5, {});
    it.view.limits = {};
    it.reads(10, { chipTempC: 120 }).reads(15, { chipTempC: 120 });
    expect(it.transitions()).toEqual([]);
  });

  test("names the sensor, its limit and where the limit comes from", () => {
    const it = rig().reads(0, { chipTempC: 91.26 }).reads(5, { chipTempC: 91.26 });
    const [alert] = it.book.takeChanges().transitions;
    expect(alert).toMatchObject({
      severity: "danger",
      value: 91.26,
      limit: 85,
      unit: "°C",
      limitSource: "stated by the rig's firmware",
      lossPerH: null,
      firedMs: START + 5_000,
      pendingMs: START,
      rigName: "10.0.0.7",
    });
    expect(alert?.reason).toBe("Chip 91.3 °C, limit 85 °C (stated by the rig's firmware)");
  });

  test("when its temperature is not reported any more it stays for ten minutes, then resolves as unknown", () => {
    const it = rig().reads(0, { chipTempC: 90 }).reads(5, { chipTempC: 90 });
    it.transitions();
    for (let s = 10; s <= 600; s += 10) it.reads(s, {});
    expect(it.transitions()).toEqual([]);
    it.reads(612, {});
    const [alert] = it.book.takeChanges().transitions;
    expect(alert).toMatchObject({
      state: "resolved",
      reason: "Ended: what it rests on is not known any more",
    });
  });
});

describe("an alert that readings raise, once nothing arrives any more", () => {
  const hot = { chipTempC: 95 };

  test("ends when the rig is offline, as it would by a reading", () => {
    const it = rig().reads(0, hot).reads(5, hot);
    for (let s = 6; s <= 305; s++) it.passes(s);
    const { transitions } = it.book.takeChanges();
    expect(transitions.map((alert) => `${alert.rule} ${alert.state}`)).toEqual([
      "overheating firing",
      "offline firing",
      "overheating resolved",
    ]);
    expect(transitions.at(-1)?.reason).toBe("Ended: the rig is offline");
    expect(it.book.worst(7)).toBe("money");
  });

  test("ends after ten minutes while the server itself hears nothing, and says why", () => {
    const it = rig().reads(0, hot).reads(5, hot);
    it.transitions();
    it.context.heardSinceMs = Number.POSITIVE_INFINITY;
    for (let s = 6; s <= 635; s++) it.passes(s);
    expect(it.open()).toEqual(["overheating firing"]);
    it.passes(636);
    expect(it.book.takeChanges().transitions).toMatchObject([
      {
        rule: "overheating",
        state: "resolved",
        reason: "Ended: no reading arrives any more, so what it rests on is not known",
      },
    ]);
    expect(it.book.worst(7)).toBeNull();
  });

  test("neither fires nor clears by time while its last reading is fresh", () => {
    const it = rig().reads(0, hot);
    for (let s = 1; s <= 30; s++) it.passes(s);
    expect(it.open()).toEqual(["overheating pending"]);
    it.passes(31);
    expect(it.open()).toEqual(["offline pending"]);
    expect(it.transitions()).toEqual([]);
  });

  test("an unprofitable one too", () => {
    const it = rig();
    for (let s = 0; s <= 600; s += 30) it.reads(s, { hashrateThs: 100, powerW: 3_500 });
    for (let s = 601; s <= 905; s++) it.passes(s);
    expect(it.transitions()).toEqual(["unprofitable firing", "offline firing", "unprofitable resolved"]);
  });
});

describe("offline", () => {
  test("fires after five minutes of unreachable readings, counted from the last answer, and resolves by an answer", () => {
    const it = rig().reads(0, { powerW: 3000, hashrateThs: 200 });
    for (let s = 5; s < 300; s += 5) it.reads(s, { status: "unreachable" });
    expect(it.open()).toEqual(["offline pending"]);
    expect(it.transitions()).toEqual([]);
    it.reads(300, { status: "unreachable" });
    const [alert] = it.book.takeChanges().transitions;
    expect(alert).toMatchObject({
      rule: "offline",
      state: "firing",
      pendingMs: START,
      value: 5,
      unit: "min",
      currency: "USD",
    });
    expect(alert?.lossPerH).toBeCloseTo(200 * 0.0016 - 3 * 0.06, 12);
    expect(alert?.reason).toContain("agent a gets no answer at 10.0.0.7");
    it.reads(305, {});
    expect(it.transitions()).toEqual(["offline resolved"]);
  });

  test("fires too when nothing arrives at all, since a gone agent must not leave healthy rigs on the screen", () => {
    const it = rig().reads(0, {});
    for (let s = 1; s <= 301; s++) it.passes(s);
    const [alert] = it.book.takeChanges().transitions;
    expect(alert).toMatchObject({ rule: "offline", state: "firing" });
    expect(alert?.reason).toContain("nothing arrives from agent a");
  });

  test("a sleeping rig answers and is no outage", () => {
    const it = rig();
    for (let s = 0; s <= 900; s += 5) it.reads(s, { status: "sleeping" });
    expect(it.transitions()).toEqual([]);
  });

  test("silence while the server itself hears nothing is no outage of a rig", () => {
    const it = rig().reads(0, {});
    it.context.heardSinceMs = Number.POSITIVE_INFINITY;
    for (let s = 1; s <= 900; s++) it.passes(s);
    expect(it.transitions()).toEqual([]);
    it.context.heardSinceMs = START + 900_000;
    for (let s = 901; s < 1200; s++) it.passes(s);
    expect(it.transitions()).toEqual([]);
    it.passes(1200);
    expect(it.transitions()).toEqual(["offline firing"]);
  });

  test("while it fires, other rules are silent, and what they had open ends", () => {
    const it = rig().reads(0, { chipTempC: 95 }).reads(5, { chipTempC: 95 });
    for (let s = 10; s <= 320; s += 5) it.reads(s, { status: "unreachable" });
    expect(it.transitions()).toEqual(["overheating firing", "offline firing", "overheating resolved"]);
    expect(it.open()).toEqual(["offline firing"]);
  });
});

describe("unprofitable", () => {
  const loss = { hashrateThs: 100, powerW: 3_500 };
  const gain = { hashrateThs: 200, powerW: 3_500 };
  const run = (it: ReturnType<typeof rig>, reading: Partial<Reading>, fromS: number, toS: number) => {
    for (let s = fromS; s <= toS; s += 30) it.reads(s, reading);
    return it;
  };

  test("fires after ten minutes at a loss, says break-even, and resolves when it pays again", () => {
    const it = run(rig(), loss, 0, 570);
    expect(it.transitions()).toEqual([]);
    it.reads(600, loss);
    const [alert] = it.book.takeChanges().transitions;
    expect(alert).toMatchObject({ rule: "unprofitable", severity: "money", currency: "USD", limit: 0 });
    expect(alert?.lossPerH).toBeCloseTo(0.05, 12);
    expect(alert?.reason).toBe(
      "Earns 0.1600 and costs 0.2100 USD/h; breaks even at 0.0457 USD/kWh, energy costs 0.0600",
    );
    it.reads(630, gain);
    expect(it.transitions()).toEqual(["unprofitable resolved"]);
  });

  test("stays firing within the dead band, so that a small move of a rate flaps nothing", () => {
    const it = run(rig(), loss, 0, 600);
    it.transitions();
    it.reads(630, { hashrateThs: 132, powerW: 3_500 });
    expect(it.view.figures.profitPerH).toBeGreaterThan(0);
    expect(it.transitions()).toEqual([]);
  });

  test.each([
    ["a sleeping rig", {}, { ...loss, status: "sleeping" as const }],
    ["unknown power", {}, { hashrateThs: 100 }],
    ["a hashprice older than a day", { stale: true }, loss],
  ])("%s raises nothing", (_what, options, reading) => {
    expect(run(rig(options), reading, 0, 1_200).transitions()).toEqual([]);
  });

  test("the simulated fleet is judged by its old snapshot all the same", () => {
    expect(run(rig({ stale: true, demo: true }), loss, 0, 600).transitions()).toEqual([
      "unprofitable firing",
    ]);
  });
});

describe("the book", () => {
  test("a firing alert does not fire again after a restart, and still resolves", () => {
    const before = rig().reads(0, { chipTempC: 95 }).reads(5, { chipTempC: 95 });
    const stored: AlertView[] = before.book.takeChanges().transitions;
    const after = rig();
    after.book.restore(stored, START);
    expect(after.book.worst(7)).toBe("danger");
    after.reads(60, { chipTempC: 95 }).reads(65, { chipTempC: 95 });
    expect(after.transitions()).toEqual([]);
    after.reads(70, { chipTempC: 60 }).reads(75, { chipTempC: 60 });
    const [alert] = after.book.takeChanges().transitions;
    expect(alert).toMatchObject({ id: stored[0]?.id, state: "resolved", firedMs: START + 5_000 });
  });

  test("after a restart an offline alert stays while nothing has been heard long enough, instead of flapping", () => {
    const it = rig({ heardSinceS: 3_600 });
    it.book.restore(
      [
        {
          id: "x",
          rule: "offline",
          severity: "money",
          state: "firing",
          site: "s",
          rig: 7,
          rigName: "n",
          pendingMs: START,
          firedMs: START,
          resolvedMs: null,
          value: 5,
          limit: 5,
          unit: "min",
          reason: "No answer",
          lossPerH: null,
        },
      ],
      START,
    );
    for (let s = 3_600; s < 3_700; s++) it.passes(s);
    expect(it.transitions()).toEqual([]);
    expect(it.open()).toEqual(["offline firing"]);
  });

  test("a restored offline alert never loses what it lasted, and says what is not known", () => {
    const it = rig({ heardSinceS: 7_200 });
    const before = rig().reads(0, {});
    for (let s = 1; s <= 301; s++) before.passes(s);
    it.book.restore(before.book.takeChanges().transitions, START + 7_200_000);
    it.view.mayHaveAnswered = true;
    for (let s = 7_205; s <= 7_270; s += 5) it.reads(s, { status: "unreachable" });
    const known = "2026-11-26 00:00 UTC";
    expect(it.book.open(7)).toMatchObject([
      {
        state: "firing",
        pendingMs: START,
        value: 121,
        reason: `No answer: agent a gets no answer at 10.0.0.7; when it last answered is not known, at the latest ${known}`,
      },
    ]);
    it.view.answeredMs = START - 60_000;
    for (let s = 7_275; s <= 7_340; s += 5) it.reads(s, { status: "unreachable" });
    expect(it.book.open(7)[0]?.reason).toContain("last answer 2026-11-25 23:59 UTC");
  });

  test("a breach that passes while pending is told to screens as ended, and to nobody else", () => {
    const it = rig().reads(0, { chipTempC: 90 }).reads(5, { chipTempC: 60 });
    const { transitions, changed } = it.book.takeChanges();
    expect(transitions).toEqual([]);
    expect(changed).toMatchObject([{ rule: "overheating", state: "resolved", firedMs: null }]);
  });

  test("ends every alert of a rig that is gone", () => {
    const it = rig().reads(0, { chipTempC: 90 }).reads(5, { chipTempC: 90 });
    it.transitions();
    it.book.drop(7, "Ended: gone", START + MINUTE);
    expect(it.transitions()).toEqual(["overheating resolved"]);
    expect(it.book.worst(7)).toBeNull();
  });

  test("brings a firing alert's figures up to date once a minute, which is no transition", () => {
    const it = rig().reads(0, { chipTempC: 90 }).reads(5, { chipTempC: 90 });
    it.book.takeChanges();
    it.reads(30, { chipTempC: 93 });
    expect(it.book.takeChanges().changed).toEqual([]);
    it.reads(66, { chipTempC: 94 });
    const { transitions, changed } = it.book.takeChanges();
    expect(transitions).toEqual([]);
    expect(changed).toMatchObject([{ value: 94, state: "firing" }]);
  });
});
