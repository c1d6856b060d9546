import { fakeBill, fakeReconciliation } from "./fakeStatements.mjs";

/** What the law of an invented site's region says. */
export const noticesOf = (site) =>
  site.gridRegion?.startsWith("CN") || site.zone === "Asia/Shanghai"
    ? [
        {
          region: "CN",
          status: "prohibited",
          fact: "Notice 发改运行〔2021〕1283号: new mining projects are prohibited, existing ones are to exit",
          source: "NDRC and others",
          date: "2021-09-24",
          retrieved: "2026-11-21",
        },
      ]
    : [];

/** An invented contract and what it supplied. */
export const fakeMatching = (site, params) => ({
  site: site.site,
  fromMs: Number(params.get("from")),
  toMs: Number(params.get("to")),
  hourly: 0.412,
  annual: 0.63,
  loadKwh: 23_400,
  unmatchedKwh: 13_760,
  hours: 99,
  unknownHours: 2,
  contracts: [
    {
      id: "roof",
      name: "Solar roof",
      kind: "own",
      kgPerKwh: 0,
      validFrom: "2026-01-01",
      source: "invented: meter of the roof",
      usedKwh: 9_640,
    },
  ],
});

const HOUR_MS = 3_600_000;
const etag = '"1"';
const tariff = {
  id: "example-66kv",
  name: "Example two-part 66 kV",
  currency: "USD",
  validFrom: "2026-01-01",
  source: "invented: bands of an example tariff, August 2026",
  energy: {
    kind: "timeOfUse",
    bands: { flat: 0.088, peak: 0.141, valley: 0.027 },
    rules: [{ band: "flat" }, { hours: ["16-21"], band: "peak" }, { hours: ["10-15"], band: "valley" }],
  },
  demand: [{ kind: "maximum", name: "Demand charge", minutes: 15, perKw: 5.2 }],
};
const market = {
  id: "market",
  name: "Day-ahead market",
  currency: "USD",
  validFrom: "2025-01-01",
  validTo: "2026-01-01",
  source: "invented",
  energy: { kind: "series", series: "price/ercot-north" },
  holidays: ["2026-01-01"],
};
const pool = {
  id: "pool",
  name: "Example pool",
  scheme: "FPPS",
  feePercent: 2,
  validFrom: "2026-01-01",
  source: "the pool's own page, 2026-08",
};

const preview = (site) => {
  const fromMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const slots = Array.from({ length: 48 }, (_, at) => {
    const startMs = fromMs + at * HOUR_MS;
    const hour = Number(
      new Intl.DateTimeFormat("en-GB", { hour: "numeric", hourCycle: "h23", timeZone: site.zone }).format(
        startMs,
      ),
    );
    const band = hour >= 16 && hour < 21 ? "peak" : hour >= 10 && hour < 15 ? "valley" : "flat";
    const pricePerKwh = at > 40 ? null : tariff.energy.bands[band];
    return {
      startMs,
      endMs: startMs + HOUR_MS,
      pricePerKwh,
      band,
      parts: pricePerKwh === null ? [] : [{ name: band, perKwh: pricePerKwh }],
      lossesPercent: 0,
      taxPercent: 0,
      tariff: tariff.id,
      source: tariff.source,
    };
  });
  return {
    site: site.site,
    zone: site.zone,
    currency: site.currency,
    fromMs,
    toMs: fromMs + 48 * HOUR_MS,
    slots,
    reprice: {
      fromMs: fromMs - 700 * HOUR_MS,
      toMs: fromMs,
      hours: 700,
      rigs: 72,
      kwh: 164_800,
      costBefore: 13_104.4,
      costAfter: 14_220.1,
    },
  };
};

/** What the API answers below `/api/settings` and `/api/rates`; undefined for any other path. */
export function fakeSettings(sites, path, params) {
  const site = sites.find((each) => each.site === params.get("site")) ?? sites[0];
  const documents = (kind, bodies) =>
    bodies.map((body) => ({ kind, site: sites[0].site, id: body.id, body, changedMs: 0, etag }));
  switch (path) {
    case "/api/bills":
      return [fakeBill(site)];
    case "/api/reconciliation":
      return fakeReconciliation(site, params);
    case "/api/settings/sites":
      return sites.map((each) => ({
        site: each.site,
        name: each.name,
        zone: each.zone,
        currency: each.currency,
        gridRegion: each.zone === "Asia/Shanghai" ? "CN-SD" : null,
        demo: true,
        etag,
        prices: [
          {
            validFromMs: Date.UTC(2026, 0, 1),
            pricePerKwh: 0.062,
            currency: each.currency,
            source: "config",
          },
        ],
        notices: noticesOf(each),
      }));
    case "/api/settings/tariffs":
      return documents("tariff", [tariff, market]);
    case "/api/settings/pools":
      return documents("pool", [pool]);
    case "/api/settings/contracts":
    case "/api/settings/overhead":
    case "/api/settings/costs":
      return [];
    case "/api/settings/preview":
      return preview(site);
    case "/api/settings/import":
      return {
        applied: false,
        changes: [],
        errors: [
          {
            line: 9,
            path: "tariff example-66kv energy.rules",
            message: "no rule fits 07:00 of a workday in March",
          },
        ],
      };
    case "/api/rates":
      return {
        sources: [
          {
            id: "mempool",
            kind: "mempool",
            series: ["network/difficulty", "network/height", "network/feesBtc"],
            everyMs: 300_000,
            succeededMs: Date.now() - 140_000,
            nextMs: Date.now() + 160_000,
            problem: null,
          },
          {
            id: "ercot",
            kind: "ercot",
            series: ["price/ercot-north"],
            everyMs: 900_000,
            attribution: "ERCOT",
            succeededMs: Date.now() - 7_200_000,
            nextMs: Date.now() + 60_000,
            problem: {
              text: "HTTP 429: asked too often; it is asked again later",
              sinceMs: Date.now() - 5_000_000,
            },
          },
        ],
        series: [
          {
            series: "network/difficulty",
            unit: "",
            slots: 214,
            fromMs: Date.UTC(2026, 5, 1),
            toMs: null,
            value: 125_807_076_547_197,
            source: "mempool.space",
            asOfMs: Date.now() - 140_000,
          },
        ],
      };
    default:
      return undefined;
  }
}
