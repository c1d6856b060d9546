import type { FakeRequest } from "../../support/fakeHttp.js";

/** When the sources are asked. */
export const NOW = Date.UTC(2026, 10, 26, 12, 20);
/** What every key of theirs reads. */
export const KEY = "s3cret-of-the-source";
const HOUR_MS = 3_600_000;
const HALF_MS = 1_800_000;
const OPEN = Number.POSITIVE_INFINITY;
const iso = (ms: number) => new Date(ms).toISOString();
const shortIso = (ms: number) => `${iso(ms).slice(0, 16)}Z`;

/** A source, what its vendor would answer, and what is to come of it. */
export interface SourceCase {
  config: Record<string, unknown>;
  answer(request: FakeRequest): unknown;
  /** By series: the values with start and end, ms from NOW. */
  expected: Record<string, [value: number, from: number, to: number][]>;
}
const open = (value: number): [number, number, number][] => [[value, 0, OPEN]];
/** Totals of 144 blocks as mempool gives them. */
export const REWARD = {
  startBlock: 963_549,
  endBlock: 963_692,
  totalReward: "45720000000",
  totalFee: "720000000",
  totalTx: "9",
};
const bearer = (request: FakeRequest, key = KEY) => request.headers.authorization === `Bearer ${key}`;

/** Every kind of source: shapes as the vendors document them, figures of our own. */
export const SOURCE_CASES: Record<string, SourceCase> = {
  mempool: {
    config: { kind: "mempool", currencies: ["USD", "EUR"] },
    answer: ({ path }) =>
      path === "/api/v1/mining/hashrate/1m"
        ? {
            hashrates: [{ timestamp: 1, avgHashrate: 2.5e20 }],
            // One with `time`, one as the documentation has it, one in ms.
            difficulty: [
              { time: (NOW - 20 * 24 * HOUR_MS) / 1_000, height: 1, difficulty: 1.3e14, adjustment: 1 },
              { timestamp: (NOW - 5 * HOUR_MS) / 1_000, height: 2, difficulty: 0, adjustment: 1 },
              { time: NOW - 3 * HOUR_MS, height: 3, difficulty: 1.25e14, adjustment: 0.96 },
            ],
            currentHashrate: 0,
            currentDifficulty: 1.25e14,
          }
        : path === "/api/v1/mining/blocks/fees/1m"
          ? [
              { avgHeight: 963_500.5, timestamp: (NOW - HOUR_MS) / 1_000, avgFees: 4_000_000 },
              { avgHeight: 963_400, timestamp: (NOW - 3 * HOUR_MS) / 1_000, avgFees: 3_000_000.5 },
            ]
          : path === "/api/v1/mining/reward-stats/144"
            ? REWARD
            : path === "/api/v1/prices" && { time: NOW / 1_000, USD: 76_747, EUR: 65_515 },
    expected: {
      "network/difficulty": [
        [1.3e14, -20 * 24 * HOUR_MS, -3 * HOUR_MS],
        [1.25e14, -3 * HOUR_MS, OPEN],
      ],
      "network/height": [
        [963_400, -3 * HOUR_MS, -HOUR_MS],
        [963_500, -HOUR_MS, 0],
        [963_692, 0, OPEN],
      ],
      "network/feesBtc": [
        [0.030000005, -3 * HOUR_MS, -HOUR_MS],
        [0.04, -HOUR_MS, 0],
        [0.05, 0, OPEN],
      ],
      "btc/USD": open(76_747),
      "btc/EUR": open(65_515),
    },
  },
  "bitcoin-core": {
    config: { kind: "bitcoin-core", user: "u", password: { env: "KEY" } },
    answer: ({ body, headers }) =>
      headers.authorization === `Basic ${Buffer.from(`u:${KEY}`).toString("base64")}` &&
      (JSON.parse(body) as { id: number; method: string; params: [number] }[])
        .map(({ id, method, params }) => ({
          id,
          error: null,
          result:
            method === "getdifficulty"
              ? 1.25e14
              : method === "getblockcount"
                ? 963_692
                : { totalfee: params[0] % 2 === 0 ? 4_000_000 : 6_000_000 },
        }))
        .reverse(),
    expected: {
      "network/difficulty": open(1.25e14),
      "network/height": open(963_692),
      "network/feesBtc": open(0.05),
    },
  },
  coinbase: {
    config: { kind: "coinbase", currency: "EUR" },
    answer: ({ path }) =>
      path === "/v2/prices/BTC-EUR/spot" && { data: { amount: "65515.12", currency: "EUR" } },
    expected: { "btc/EUR": open(65_515.12) },
  },
  kraken: {
    config: { kind: "kraken" },
    answer: ({ path, query }) =>
      query.get("pair") === "XBTUSD" && path === "/0/public/OHLC"
        ? {
            error: [],
            result: {
              XXBTZUSD: [-80, -20].map((m) => [
                (NOW + m * 60_000) / 1_000,
                `${76_000 + m}.5`,
                "1",
                "1",
                "1",
                "1",
                "1",
                1,
              ]),
              last: 1,
            },
          }
        : { error: [], result: { XXBTZUSD: { c: ["76747.1", "0.1"] } } },
    expected: {
      "btc/USD": [
        [75_920.5, -80 * 60_000, -20 * 60_000],
        [75_980.5, -20 * 60_000, 0],
        [76_747.1, 0, OPEN],
      ],
    },
  },
  coingecko: {
    config: { kind: "coingecko", currencies: ["USD", "CNY"], key: { env: "KEY" } },
    answer: ({ query, headers }) =>
      query.get("vs_currencies") === "usd,cny" &&
      headers["x-cg-demo-api-key"] === KEY && {
        bitcoin: { usd: 76_747, cny: 545_000, last_updated_at: NOW / 1_000 - 30 },
      },
    expected: { "btc/USD": open(76_747), "btc/CNY": open(545_000) },
  },
  "quoted-hashprice": {
    config: {
      kind: "quoted-hashprice",
      path: "data[0].usd",
      per: "TH",
      source: "A quote",
      header: "x-key",
      key: { env: "KEY" },
    },
    answer: ({ headers }) => headers["x-key"] === KEY && { data: [{ usd: "0.04579" }] },
    expected: { "hashprice/it": open(45.79) },
  },
  whattomine: {
    config: { kind: "whattomine", algorithm: "Scrypt" },
    answer: () => ({
      name: "Litecoin",
      block_time: "150.0",
      block_reward: 6.25,
      nethash: 2.5e15,
      exchange_rate: 0.001,
      exchange_rate_curr: "BTC",
      difficulty: 1,
    }),
    expected: { "revenue/scrypt": open((1e15 / 2.5e15) * 576 * 6.25 * 0.001) },
  },
  ecb: {
    config: { kind: "ecb", currencies: ["CNY", "EUR"] },
    answer: ({ path }) =>
      path === "/stats/eurofxref/eurofxref-hist-90d.xml" &&
      `<?xml version="1.0" encoding="UTF-8"?><gesmes:Envelope><gesmes:subject>Reference rates</gesmes:subject><Cube>
        <Cube time="2026-11-25"><Cube currency="USD" rate="1.25"/><Cube currency="CNY" rate="8.75"/></Cube>
        <Cube time='2026-11-24'><Cube currency='USD' rate='1.2'/>\n<Cube currency='CNY' rate='9.0'/></Cube></Cube></gesmes:Envelope>`,
    expected: {
      "fx/CNY": [
        [7.5, Date.UTC(2026, 10, 24, 15) - NOW, Date.UTC(2026, 10, 25, 15) - NOW],
        [7, Date.UTC(2026, 10, 25, 15) - NOW, OPEN],
      ],
      "fx/EUR": [
        [1 / 1.2, Date.UTC(2026, 10, 24, 15) - NOW, Date.UTC(2026, 10, 25, 15) - NOW],
        [0.8, Date.UTC(2026, 10, 25, 15) - NOW, OPEN],
      ],
    },
  },
  "coinbase-fx": {
    config: { kind: "coinbase-fx", currencies: ["CNY"] },
    answer: ({ path, query }) =>
      path === "/v2/exchange-rates" &&
      query.get("currency") === "USD" && { data: { currency: "USD", rates: { CNY: "7.1" } } },
    expected: { "fx/CNY": open(7.1) },
  },
  "electricity-maps": {
    config: { kind: "electricity-maps", zone: "FR", sites: ["hall"], key: { env: "KEY" } },
    answer: ({ path, headers }) =>
      path === "/v3/carbon-intensity/history" &&
      headers["auth-token"] === KEY && {
        zone: "FR",
        history: [-3, -2, -1].map((h) => ({
          zone: "FR",
          // The hour between is not known: that is a gap, and neither 0 nor its neighbour.
          carbonIntensity: h === -2 ? null : 100 - h,
          datetime: iso(Date.UTC(2026, 10, 26, 12 + h)),
          updatedAt: iso(NOW),
          emissionFactorType: "lifecycle",
          isEstimated: h === -1,
        })),
      },
    expected: {
      "carbon/it": [
        [0.103, -200 * 60_000, -140 * 60_000],
        [0.101, -80 * 60_000, -20 * 60_000],
      ],
    },
  },
  watttime: {
    config: { kind: "watttime", user: "u", password: { env: "KEY" }, region: "CAISO_NORTH", sites: ["hall"] },
    answer: (request) =>
      request.path === "/login"
        ? request.headers.authorization === `Basic ${Buffer.from(`u:${KEY}`).toString("base64")}` && {
            token: "t1",
          }
        : request.path === "/v3/historical" &&
          bearer(request, "t1") && {
            data: [{ point_time: "2026-11-26T12:10:00+00:00", value: 733.9, version: "2022-10-01" }],
            meta: {
              region: "CAISO_NORTH",
              signal_type: "co2_moer",
              units: "lbs_co2_per_mwh",
              model: { date: "2022-10-01" },
            },
          },
    expected: { "marginal/it": [[0.332891440343, -600_000, -300_000]] },
  },
  "uk-carbon-intensity": {
    config: { kind: "uk-carbon-intensity", sites: ["hall"] },
    answer: ({ path }) =>
      path === `/intensity/${shortIso(NOW - 20 * 60_000 - 48 * HALF_MS)}/fw48h` && {
        data: [
          {
            from: "2026-11-26T11:30Z",
            to: "2026-11-26T12:00Z",
            intensity: { forecast: 150, actual: 141, index: "low" },
          },
          {
            from: "2026-11-26T12:00Z",
            to: "2026-11-26T12:30Z",
            intensity: { forecast: 155, actual: null, index: "low" },
          },
        ],
      },
    expected: {
      "carbon/it": [
        [0.141, -50 * 60_000, -20 * 60_000],
        [0.155, -20 * 60_000, 10 * 60_000],
      ],
    },
  },
  "pool-payouts": {
    config: { kind: "pool-payouts", pool: "luxor", account: "farm", site: "hall", key: { env: "K" } },
    answer: ({ path, headers }) =>
      path === "/api/v2/pool/revenue/BTC" && headers.authorization === KEY && { revenue: [] },
    expected: {},
  },
  csv: {
    config: { kind: "csv", series: "price/spot", source: "Spot" },
    answer: () => `start;end;value\n${iso(NOW)};;-0.01\n${iso(NOW + HALF_MS)};${iso(NOW + HOUR_MS)};0.05\n`,
    expected: {
      "price/spot": [
        [-0.01, 0, HALF_MS],
        [0.05, HALF_MS, HOUR_MS],
      ],
    },
  },
};

const key = { env: "KEY" };
/** Markets of electricity; what they answer is read in the tests beside them. */
export const MARKET_CONFIGS: Record<string, Record<string, unknown>> = {
  amber: { kind: "amber", siteId: "01F5A5CRKMZ5BCX9P1S4V990AM", key },
  entsoe: { kind: "entsoe", zone: "10Y1001A1001A82H", key },
  ercot: { kind: "ercot", settlementPoint: "LZ_HOUSTON", key, user: "ann", password: key },
  nordpool: { kind: "nordpool", area: "SE4", key },
  octopus: { kind: "octopus", product: "AGILE-24-10-01", region: "C" },
};
