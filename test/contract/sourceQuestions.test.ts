import { fakeClock } from "@hashwatt/protocol/time";
import { targetGuard } from "@hashwatt/server/alerts/notifiers/targetGuard";
import { SourceHttp } from "@hashwatt/server/rates/fetch/sourceHttp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeAnswer, type FakeRequest, type FakeServer, serveFake } from "../support/fakeHttp.js";
import { askedSource } from "./support/askedSource.js";
import { NOW, SOURCE_CASES } from "./support/sourceCases.js";

const HOUR_MS = 3_600_000;

let server: FakeServer;
let answer: (request: FakeRequest) => FakeAnswer | undefined = () => undefined;
beforeAll(async () => {
  server = await serveFake((request) => answer(request));
});
afterAll(() => server.close());
const setUp = (config: Record<string, unknown>) => askedSource(config, server.url);
const said = (value: unknown): FakeAnswer | undefined =>
  value === false ? undefined : { status: 200, body: value };

describe("questions to a source", () => {
  test("are as many as its vendor allows an hour and a day, whatever goes wrong", async () => {
    answer = () => ({ status: 503 });
    const clock = fakeClock(NOW);
    const http = new SourceHttp(clock, { limits: { perHour: 2, perDay: 3 } });
    const signal = new AbortController().signal;
    const ask = () => http.text(new URL(server.url), signal).catch(({ message }: Error) => message);
    const limit = (most: number, of: string) => new RegExp(`its limit of ${most} questions ${of} is used up`);
    expect(await ask()).toMatch(/answers 503/);
    await clock.advance(600_000);
    expect(await ask()).toMatch(/answers 503/);
    expect(await ask()).toMatch(limit(2, "an hour"));
    expect(http.takeWaitMs()).toBe(HOUR_MS - 600_000);
    await clock.advance(HOUR_MS - 600_000);
    expect(await ask()).toMatch(/answers 503/);
    await clock.advance(HOUR_MS);
    expect(await ask()).toMatch(limit(3, "a day"));
    expect(http.takeWaitMs()).toBe(22 * HOUR_MS);
  });

  test("that are too many are not repeated for 5 minutes where nobody says for how long", async () => {
    answer = () => ({ status: 429 });
    const { fetch, http } = setUp({ kind: "coinbase" });
    await expect(fetch()).rejects.toThrow("asked too often");
    expect(http.takeWaitMs()).toBe(300_000);
  });

  test("lead to no address of this machine or its network where they may not, whatever name they have", async () => {
    const guard = targetGuard(
      ((_host: string, _options: object, done: (error: null, found: object[]) => void) =>
        done(null, [{ address: "127.0.0.1", family: 4 }])) as never,
      "a source of the config may lead",
    );
    const http = new SourceHttp(fakeClock(NOW), { guard });
    const signal = new AbortController().signal;
    const { port } = new URL(server.url);
    for (const host of ["rates.example", "127.0.0.1", "[::1]"])
      await expect(http.text(new URL(`http://${host}:${port}/`), signal)).rejects.toThrow(
        /is private or local, where only a source of the config may lead/,
      );
    expect(server.unexpected).toEqual([]);
  });
});

describe("the United Kingdom's regions", () => {
  const hour = {
    from: "2026-11-26T12:00Z",
    to: "2026-11-26T12:30Z",
    intensity: { forecast: 90, index: "low" },
  };
  const region = { regionid: 13, dnoregion: "UKPN London", shortname: "London", data: [hour] };
  test.each([
    [{ regionId: 13 }, "regionid/13", region],
    [{ postcode: "SW1A" }, "postcode/SW1A", [region]],
  ])("are asked for by %o, each with its forecast", async (of, path, data) => {
    answer = (request) => said(request.path.endsWith(`/fw48h/${path}`) && { data });
    const [part] = await setUp({ kind: "uk-carbon-intensity", sites: ["hall"], ...of }).fetch();
    expect(part?.slots).toMatchObject([
      { value: 0.09, source: "Carbon Intensity API, London", note: "forecast" },
    ]);
  });
});

describe("what a pool credited", () => {
  test("is asked for day by day, as far back as is set, and kept for the site", async () => {
    answer = ({ query }) => {
      expect([query.get("start_date"), query.get("end_date")]).toEqual(["2026-11-23", "2026-11-25"]);
      const revenue = { currency_type: "BTC", revenue_type: "MINING", revenue: 0.0005 };
      return said({ revenue: [{ date_time: "2026-11-25T00:00:00Z", revenue }] });
    };
    const { fetch, paid } = setUp({ ...SOURCE_CASES["pool-payouts"]!.config, days: 3 });
    expect(await fetch()).toEqual([]);
    expect(paid).toMatchObject([["hall", { pool: "luxor", account: "farm", amount: 50_000_000 }]]);
  });
});
