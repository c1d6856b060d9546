import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fakeClock } from "@hashwatt/protocol/time";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { Secret } from "../../../secret.js";
import { fetcherOf, sourceSchema } from "../../fetch/registry.js";
import { SourceHttp } from "../../fetch/sourceHttp.js";
import type { SourceKind } from "../../fetch/sourceKind.js";
import type { Slot } from "../../slot.js";
import { amber } from "./amber.js";
import { entsoe } from "./entsoe.js";
import { ercot } from "./ercot.js";
import { nordPool } from "./nordPool.js";
import { octopus } from "./octopus.js";

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 9, 1, 12);
/** One hour of 10 EUR/MWh. */
const DOCUMENT = `<Publication_MarketDocument><TimeSeries><currency_Unit.name>EUR</currency_Unit.name><curveType>A03</curveType>
  <Period><timeInterval><start>2026-09-30T22:00Z</start><end>2026-09-30T23:00Z</end></timeInterval><resolution>PT60M</resolution>
  <Point><position>1</position><price.amount>10</price.amount></Point></Period></TimeSeries></Publication_MarketDocument>`;

test("markets are sources that a config may name, each giving a series of its own", () => {
  const key = { env: "KEY" };
  for (const given of [
    { kind: "entsoe", zone: "10Y1001A1001A82H", key },
    { kind: "nordpool", area: "SE4" },
    { kind: "octopus", product: "AGILE-24-10-01", region: "C", vat: false },
    { kind: "ercot", settlementPoint: "HB_WEST", key, user: "ann", password: key },
    { kind: "amber", siteId: "01F5A5CRKMZ5BCX9P1S4V990AM", key },
  ])
    expect(fetcherOf(sourceSchema.parse({ id: "spot", ...given }))).toMatchObject({
      kind: given.kind,
      series: ["price/spot"],
    });
  for (const wrong of [
    { kind: "entsoe", zone: "DE", key },
    { kind: "octopus", product: "AGILE-24-10-01", region: "Z" },
    { kind: "nordpool", area: "SE4", zone: "x" },
  ])
    expect(sourceSchema.safeParse({ id: "spot", ...wrong }).success).toBe(false);
});

describe("what a market is asked", () => {
  let server: Server;
  let url: string;
  const asked: { path: string; method: string; headers: IncomingMessage["headers"] }[] = [];
  let answer = (_path: string): string => "";
  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = request.url ?? "";
      asked.push({ path, method: request.method ?? "", headers: request.headers });
      response.end(answer(path));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  const KEY = { env: "KEY" };
  async function fetched(kind: unknown, config: object, lastMs?: number) {
    asked.length = 0;
    const { schema, make } = kind as SourceKind<z.ZodObject>;
    const parsed = schema.parse({ id: "spot", url, ...config }) as Record<string, unknown>;
    for (const name of ["key", "password"])
      if (parsed[name]) (parsed[name] as { secret: Secret }).secret = new Secret(`the ${name}`);
    const held = lastMs === undefined ? undefined : ({ endMs: lastMs } as Slot);
    const question = {
      nowMs: NOW,
      last: () => held,
      http: new SourceHttp(fakeClock(NOW)),
      lacks: () => undefined,
    };
    const [only, ...others] = await make(parsed).fetch(question, new AbortController().signal);
    expect(others).toEqual([]);
    expect(only!.series).toBe("price/spot");
    return only!.slots;
  }
  const query = (at = 0) => new URL(asked[at]!.path, url).searchParams;

  test("of ENTSO-E are whole hours from what is held to the end of tomorrow", async () => {
    answer = () => DOCUMENT;
    const slots = await fetched(
      entsoe,
      { kind: "entsoe", zone: "10Y1001A1001A82H", key: KEY },
      NOW + 8 * HOUR_MS,
    );
    expect(Object.fromEntries(query())).toEqual({
      documentType: "A44",
      in_Domain: "10Y1001A1001A82H",
      out_Domain: "10Y1001A1001A82H",
      periodStart: "202610011000",
      periodEnd: "202610030000",
      securityToken: "the key",
    });
    expect(slots).toMatchObject([{ value: 0.01, asOfMs: NOW }]);
    answer = () => "<a";
    await expect(
      fetched(entsoe, { kind: "entsoe", zone: "10Y1001A1001A82H", key: KEY }),
    ).rejects.toMatchObject({
      code: "sourceFailed",
      message: expect.not.stringContaining("the key"),
    });
  });

  test("of Nord Pool are delivery days, of Octopus pages of half hours, of Amber what is before and after now", async () => {
    answer = () => "";
    expect(await fetched(nordPool, { kind: "nordpool", area: "SE4", key: KEY }, NOW)).toEqual([]);
    expect(asked.map((_, at) => query(at).get("date"))).toEqual(["2026-10-01", "2026-10-02", "2026-10-03"]);
    expect(asked[0]!.headers.authorization).toBe("Bearer the key");
    answer = () => '{"results": []}';
    await fetched(octopus, { kind: "octopus", product: "AGILE-24-10-01", region: "C" }, NOW);
    expect(asked).toHaveLength(1);
    expect(asked[0]!.path).toContain(
      "/products/AGILE-24-10-01/electricity-tariffs/E-1R-AGILE-24-10-01-C/standard-unit-rates/?period_from=2026-10-01T10",
    );
    answer = () => "[]";
    await fetched(amber, { kind: "amber", siteId: "01F5A5CRKMZ5BCX9P1S4V990AM", key: KEY }, NOW);
    expect(asked).toHaveLength(1);
    expect(Object.fromEntries(query())).toEqual({ next: "288", previous: "24", resolution: "5" });
    // A week and more is asked for by days.
    await fetched(
      amber,
      { kind: "amber", siteId: "01F5A5CRKMZ5BCX9P1S4V990AM", key: KEY },
      NOW - 9 * 24 * HOUR_MS,
    );
    expect(asked).toHaveLength(2);
    expect(query(1).get("startDate")).toBe("2026-09-22");
  });

  test("of ERCOT come with a key, and the token of a login that is held until it ends", async () => {
    answer = (path) =>
      path.includes("/token?")
        ? '{"id_token": "t", "expires_in": "3600"}'
        : JSON.stringify({
            fields: ["deliveryDate", "deliveryHour", "deliveryInterval", "settlementPointPrice"].map(
              (name) => ({ name }),
            ),
            data: [["2026-10-01", 1, 1, 5]],
          });
    const config = {
      kind: "ercot",
      settlementPoint: "LZ_WEST",
      user: "ann",
      key: KEY,
      password: KEY,
      loginUrl: url,
    };
    expect(await fetched(ercot, config)).toMatchObject([{ value: 0.005 }]);
    expect(asked.map(({ method }) => method)).toEqual(["POST", "GET"]);
    expect(query(0).get("password")).toBe("the password");
    expect(asked[1]!.headers).toMatchObject({
      authorization: "Bearer t",
      "ocp-apim-subscription-key": "the key",
    });
    expect(query(1).get("deliveryDateFrom")).toBe("2026-09-24");
  });
});
