import { fakeMatching, noticesOf } from "./fakeSettings.mjs";

const HOUR_MS = 3_600_000;

/** An invented price of the local hour, in the site's currency per kWh: cheap at noon, dear in the evening. */
const priceAt = (hour) =>
  hour >= 16 && hour < 21 ? 0.141 : hour >= 10 && hour < 15 ? 0.027 : hour >= 7 && hour < 9 ? 0.118 : 0.088;

/** The invented ledger of the invented sites, in the shapes of the API. */
export function fakeLedger({ sites, rigs }) {
  const hourOf = (ms, zone) =>
    Number(
      new Intl.DateTimeFormat("en-GB", { hour: "numeric", hourCycle: "h23", timeZone: zone }).format(ms),
    );

  function rowOf(site, startMs) {
    const own = rigs.filter((rig) => rig.site === site);
    const n = Math.floor(startMs / HOUR_MS);
    // Some hours were measured in part, some not at all.
    const share = n % 53 === 7 ? 0 : n % 41 === 3 ? 0.62 : 1;
    const spanMs = own.length * HOUR_MS;
    const ms = Math.round(spanMs * share);
    const ths = own.reduce((sum, rig) => sum + rig.kind.nominalThs, 0) * share * (0.97 + 0.03 * Math.sin(n));
    const kwh = own.reduce((sum, rig) => sum + rig.kind.nominalThs * rig.kind.jPerTh, 0) * share * 0.001;
    const known = share > 0;
    const price = priceAt(hourOf(startMs, site.zone));
    const energyMwh = known ? Math.round(kwh * 1e6) : null;
    const revenueMicro = known ? Math.round(((ths / 1_000) * 55 * 0.98 * 1e6) / 24) : null;
    const revenueMsat = known ? Math.round(((ths / 1_000) * 0.00049968 * 0.98 * 1e11) / 24) : null;
    const energyCostMicro = known ? Math.round(kwh * price * 1e6) : null;
    const overheadCostMicro = known ? Math.round(energyCostMicro * 0.052) : null;
    const marginal = known ? revenueMicro - energyCostMicro : null;
    const co2 = known ? Math.round(kwh * 0.619 * 1e6) : null;
    return {
      startMs,
      endMs: startMs + HOUR_MS,
      partial: false,
      energyMwh,
      overheadMwh: known ? Math.round(energyMwh * 0.052) : null,
      revenueMicro,
      revenueMsat,
      energyCostMicro,
      overheadCostMicro,
      marginalProfitMicro: marginal,
      loadedProfitMicro: known ? marginal - overheadCostMicro - 900_000 : null,
      co2LocationMg: co2,
      co2MarketMg: known && n % 3 !== 0 ? Math.round(co2 * 0.7) : null,
      overheadCo2LocationMg: known ? Math.round(co2 * 0.052) : null,
      overheadCo2MarketMg: null,
      siteLinesMicro: 900_000,
      coverage: {
        spanMs,
        energyMs: ms,
        hashMs: ms,
        earnedMs: ms,
        earnedMsatMs: ms,
        pricedMs: ms,
        profitMs: ms,
        overheadMs: ms,
        loadedMs: ms,
        weighedMs: ms,
        weighedMarketMs: n % 3 !== 0 ? ms : 0,
      },
      algos: own.length
        ? [
            {
              algo: "SHA256",
              hashTh: known ? Math.round(ths * 3_600) : null,
              acceptedTh: known ? Math.round(ths * 3_600 * 0.92) : null,
              basis: "mixed",
              hashMs: ms,
              energyMwh,
              energyMs: ms,
              revenueMicro,
              revenueMsat,
              earnedMs: ms,
            },
          ]
        : [],
    };
  }

  const add = (a, b) => (a === null ? b : b === null ? a : a + b);
  function sumOf(rows) {
    const totals = structuredClone(rows[0] ?? rowOf({ zone: "UTC" }, 0));
    delete totals.startMs;
    delete totals.endMs;
    delete totals.partial;
    for (const row of rows.slice(1)) {
      for (const key of Object.keys(totals))
        if (key !== "coverage" && key !== "algos") totals[key] = add(totals[key], row[key]);
      for (const key of Object.keys(totals.coverage)) totals.coverage[key] += row.coverage[key];
      row.algos.forEach((algo, at) => {
        const to = totals.algos[at];
        for (const [key, value] of Object.entries(algo))
          if (typeof value === "number") to[key] = add(to[key], value);
      });
    }
    return totals;
  }

  const sourcesOf = (site, fromMs, toMs) => {
    const source = (kind, unit, min, max, source, asOfMs) => ({
      kind,
      unit,
      source,
      fromMs,
      toMs,
      oldestAsOfMs: asOfMs,
      newestAsOfMs: asOfMs,
      min,
      max,
    });
    const day = Date.UTC(2026, 7, 23);
    return [
      source("hashprice", `${site.currency}/PH/day`, 55, 55, "invented for this sketch, fees included", day),
      source("hashpriceBtc", "BTC/PH/day", 0.00049968, 0.00049968, "invented for this sketch", day),
      source("poolFactor", "", 0.98, 0.98, "pool example: FPPS, fee 2 %", day),
      source(
        "price",
        `${site.currency}/kWh`,
        0.027,
        0.141,
        "time of use, invented: bands of an example tariff",
        day,
      ),
      source("overhead", "", 1.052, 1.052, "model against ambient temperature (air)", null),
      source(
        "carbon",
        "kg/kWh",
        0.6191,
        0.6191,
        "MEE announcement 2025 No. 47: Shandong 2023, CO2, location-based",
        Date.UTC(2025, 11, 31),
      ),
    ];
  };

  function ledger(site, params) {
    const from = Number(params.get("from"));
    const to = Math.min(Number(params.get("to")), Math.floor(Date.now() / 300_000) * 300_000);
    const rows = [];
    if (rigs.length > 0) for (let at = from; at < to; at += HOUR_MS) rows.push(rowOf(site, at));
    return {
      site: site.site,
      zone: site.zone,
      currency: site.currency,
      step: "hour",
      fromMs: from,
      toMs: to,
      pricedToMs: rigs.length > 0 ? to : null,
      due: [],
      rows,
      totals: sumOf(rows),
      siteLines: rows.length
        ? [
            {
              kind: "demand",
              name: "Demand charge, 15-minute mean",
              amountMicro: rows.length * 700_000,
              provisional: true,
              fromMs: Date.UTC(2026, 10, 1),
              toMs: Date.UTC(2026, 11, 1),
              source: "time of use, invented: highest 15 minutes of the billing period",
              asOfMs: null,
            },
            {
              kind: "fixed",
              name: "Meter and line rent",
              amountMicro: rows.length * 200_000,
              provisional: false,
              fromMs: Date.UTC(2026, 10, 1),
              toMs: Date.UTC(2026, 11, 1),
              source: "time of use, invented",
              asOfMs: null,
            },
          ]
        : [],
      sources: rows.length ? sourcesOf(site, from, to) : [],
      notes: [],
    };
  }

  function explain(site, params) {
    const from = Number(params.get("from"));
    const to = Number(params.get("to"));
    const whole = ledger(site, params);
    const steps = [];
    for (let at = from; at < Math.min(to, from + 26 * HOUR_MS); at += 300_000) {
      const row = rowOf(site, Math.floor(at / HOUR_MS) * HOUR_MS);
      const part = (value, by) => (value === null ? null : value / by / 12);
      const price = priceAt(hourOf(at, site.zone));
      steps.push({
        startMs: at,
        endMs: at + 300_000,
        rigs: rigs.length,
        energyMs: row.coverage.energyMs / 12,
        hashMs: row.coverage.hashMs / 12,
        kwh: part(row.energyMwh, 1e6),
        thsHours: part(row.algos[0]?.hashTh ?? null, 3_600),
        basis: "mixed",
        hashprice: 55,
        hashpriceBtc: 0.00049968,
        poolFactor: 0.98,
        price,
        overhead: 1.052,
        carbon: 0.6191,
        carbonMarket: null,
        revenue: part(row.revenueMicro, 1e6),
        revenueBtc: part(row.revenueMsat, 1e11),
        energyCost: part(row.energyCostMicro, 1e6),
        overheadKwh: part(row.overheadMwh, 1e6),
        overheadCost: part(row.overheadCostMicro, 1e6),
        co2LocationKg: part(row.co2LocationMg, 1e6),
        co2MarketKg: null,
      });
    }
    const sum = (key) => steps.reduce((all, step) => add(all, step[key]), null);
    return {
      site: site.site,
      zone: site.zone,
      currency: site.currency,
      fromMs: from,
      toMs: to,
      booked: whole.totals,
      exact: {
        kwh: sum("kwh"),
        thsHours: sum("thsHours"),
        revenue: sum("revenue"),
        revenueBtc: sum("revenueBtc"),
        energyCost: sum("energyCost"),
        overheadKwh: sum("overheadKwh"),
        overheadCost: sum("overheadCost"),
        co2LocationKg: sum("co2LocationKg"),
        co2MarketKg: null,
        marginalProfit: add(sum("revenue"), -(sum("energyCost") ?? 0)),
        breakEvenPerKwh: null,
        costPerBtc: null,
        kgCo2PerBtc: null,
        kwhPerBtc: null,
      },
      steps,
      formulas: [
        { figure: "revenue", formula: "revenue = Σ PH/s·h ÷ 24 × hashprice × pool factor" },
        { figure: "energyCost", formula: "energy cost = Σ kWh × price" },
        {
          figure: "marginalProfit",
          formula: "marginal profit = revenue − energy cost, where both are known",
        },
      ],
      factors: whole.sources,
      unknown:
        whole.totals.coverage.spanMs > whole.totals.coverage.profitMs
          ? [
              {
                figure: "marginalProfit",
                ms: whole.totals.coverage.spanMs - whole.totals.coverage.profitMs,
                why: "no reading",
              },
            ]
          : [],
    };
  }

  /** What the API answers below a path; undefined where that is not the ledger's. */
  return (path, params) => {
    const site = sites.find((each) => each.site === params.get("site")) ?? sites[0];
    if (path === "/api/ledger") return ledger(site, params);
    if (path === "/api/ledger/explain") return explain(site, params);
    if (path === "/api/ledger/sites") {
      const all = sites.map((each) => {
        const { totals, zone, currency, pricedToMs } = ledger(each, params);
        return { site: each.site, name: each.name, zone, currency, pricedToMs, totals };
      });
      const byCurrency = [...new Set(all.map(({ currency }) => currency))].map((currency) => ({
        currency,
        totals: sumOf(all.filter((each) => each.currency === currency).map(({ totals }) => totals)),
      }));
      return { fromMs: Number(params.get("from")), toMs: Number(params.get("to")), sites: all, byCurrency };
    }
    if (path === "/api/matching") return fakeMatching(site, params);
    if (path === "/api/sites")
      return sites.map((each) => ({
        site: each.site,
        name: each.name,
        zone: each.zone,
        currency: each.currency,
        gridRegion: null,
        demo: true,
        notices: noticesOf(each),
      }));
    return undefined;
  };
}
