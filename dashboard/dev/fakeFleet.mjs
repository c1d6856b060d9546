/**
 * An invented fleet for looking at the dashboard without a server: plausible, seeded, moving. It imports nothing of
 * Hashwatt's, and none of its numbers mean anything.
 */

const MODELS = [
  {
    make: "Bitmain",
    model: "Antminer S21",
    nominalThs: 200,
    jPerTh: 17.5,
    source: "model",
    boards: 3,
    chips: 108,
    share: 0.42,
  },
  {
    make: "Bitmain",
    model: "Antminer S19 Pro",
    nominalThs: 110,
    jPerTh: 29.5,
    source: "model",
    boards: 3,
    chips: 114,
    share: 0.26,
  },
  {
    make: "MicroBT",
    model: "Whatsminer M50S",
    nominalThs: 126,
    jPerTh: 26,
    source: "psu",
    boards: 3,
    chips: 156,
    share: 0.2,
  },
  {
    make: "MicroBT",
    model: "Whatsminer M30S+",
    nominalThs: 100,
    jPerTh: 34,
    source: "psu",
    boards: 3,
    chips: 148,
    share: 0.12,
  },
];

/** A seeded generator of 0 ≤ x < 1. */
export function seeded(seed) {
  let state = seed | 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Builds sites with their inputs. The second counts in another currency, and its price is missing. */
export function fakeSites(count, nowMs) {
  const day = 86_400_000;
  const all = [
    {
      site: "north",
      name: "North hall",
      zone: "Asia/Shanghai",
      currency: "USD",
      pricePerKwh: 0.062,
      inputs: [
        {
          kind: "hashprice",
          site: "north",
          value: 55,
          unit: "USD/PH/day",
          source: "bundled network snapshot",
          asOfMs: nowMs - 9 * day,
          stale: true,
          note: "of 2026-11-17, older than a day; block subsidy only, transaction fees not known",
        },
        {
          kind: "price",
          site: "north",
          value: 0.062,
          unit: "USD/kWh",
          source: "flat tariff of the simulated fleet",
          asOfMs: null,
          stale: false,
          demo: true,
          howToSet: "npm start -- --price 0.062 --currency USD",
        },
        {
          kind: "carbon",
          site: "north",
          value: 0.619,
          unit: "kgCO2/kWh",
          source: "MEE 2023, Shandong, location-based",
          asOfMs: Date.UTC(2023, 11, 31),
          stale: false,
        },
      ],
    },
    {
      site: "south",
      name: "South yard",
      zone: "America/Chicago",
      currency: "CNY",
      pricePerKwh: undefined,
      inputs: [
        {
          kind: "hashprice",
          site: "south",
          value: 389,
          unit: "CNY/PH/day",
          source: "bundled network snapshot × exchange rate",
          asOfMs: nowMs - 9 * day,
          stale: true,
        },
        {
          kind: "price",
          site: "south",
          value: null,
          unit: "CNY/kWh",
          source: "not set",
          asOfMs: null,
          stale: false,
          howToSet: "npm start -- --price 0.43 --currency CNY",
        },
        {
          kind: "carbon",
          site: "south",
          value: null,
          unit: "kgCO2/kWh",
          source: "not set",
          asOfMs: null,
          stale: false,
          howToSet: "npm start -- --grid CN-SD",
        },
      ],
    },
  ];
  return all.slice(0, count);
}

/** Builds `count` rigs over the sites. */
export function fakeRigs(count, sites, rnd, nowMs) {
  const rigs = [];
  for (let at = 0; at < count; at++) {
    const site = sites[count > 40 && at >= Math.ceil(count * 0.75) ? sites.length - 1 : 0];
    const pick = rnd();
    let passed = 0;
    const kind =
      MODELS.find((model) => {
        passed += model.share;
        return pick < passed;
      }) ?? MODELS[0];
    const perRack = count > 1000 ? 500 : 12;
    const rack = Math.floor(at / perRack) + 1;
    const rig = {
      rig: at + 1,
      site,
      kind,
      name: `${site.site === "north" ? "A" : "B"}-${String(rack).padStart(2, "0")}-${String((at % perRack) + 1).padStart(count > 1000 ? 3 : 2, "0")}`,
      address: `127.0.${Math.floor(at / 250)}.${(at % 250) + 1}`,
      load: 0.94 + rnd() * 0.05,
      heat: 58 + rnd() * 14 + (at % 12) * 0.7,
      phase: rnd() * 6.28,
      status: "mining",
      startedMs: nowMs - rnd() * 9e8,
      accepted: Math.floor(rnd() * 90_000),
    };
    rigs.push(rig);
  }
  const special = (at, change) => rigs[at] && Object.assign(rigs[at], change);
  special(6, { heat: 92, hot: true });
  special(14, { status: "unreachable" });
  special(22, { status: "sleeping" });
  special(27, { status: "fault" });
  special(31, { missingBoard: true, load: 0.63 });
  special(40, { status: "starting", load: 0.3 });
  special(9, { silent: true });
  if (count > 1000)
    for (let at = 100; at < count; at += 137) rigs[at].status = at % 3 ? "unreachable" : "sleeping";
  return rigs;
}

const round = (value, digits) => (value === null ? null : Number(value.toFixed(digits)));

/** A rig's reading at `nowMs`; nulls are unknown. */
export function readingOf(rig, nowMs, intervalMs, rnd) {
  const { kind, site, status } = rig;
  const silent = status === "unreachable";
  const hashing = status === "mining" || status === "starting";
  const wave = Math.sin(nowMs / 180_000 + rig.phase);
  const hashrateThs = silent
    ? null
    : hashing
      ? kind.nominalThs * rig.load * (1 + wave * 0.01 + (rnd() - 0.5) * 0.02)
      : 0;
  const powerW = silent ? null : hashing ? (hashrateThs || 1) * kind.jPerTh * (1 + (rnd() - 0.5) * 0.01) : 45;
  const chipTempC = silent || kind.model.includes("M30") ? null : hashing ? rig.heat + wave * 2 + rnd() : 31;
  const boardTempC = silent ? null : hashing ? rig.heat - 13 + wave * 1.5 : 29;
  const revenuePerH =
    hashrateThs === null ? null : (hashrateThs / 1000) * (site.currency === "USD" ? 55 / 24 : 389 / 24);
  const costPerH =
    powerW === null || site.pricePerKwh === undefined ? null : (powerW / 1000) * site.pricePerKwh;
  return {
    status,
    hashrateThs: round(hashrateThs, 3),
    powerW: powerW === null ? null : Math.round(powerW),
    powerSource: powerW === null ? null : kind.source,
    inletTempC: silent || kind.source === "model" ? null : round(24 + wave, 1),
    boardTempC: round(boardTempC, 0),
    chipTempC: round(chipTempC, 0),
    limitC: kind.model.includes("M30") ? 80 : 85,
    fanRpm: silent ? null : hashing ? 5_600 + Math.round(wave * 120 + rnd() * 60) : 0,
    revenuePerH: round(revenuePerH, 6),
    costPerH: round(costPerH, 6),
    profitPerH: revenuePerH === null || costPerH === null ? null : round(revenuePerH - costPerH, 6),
    co2KgPerH: powerW === null || site.site !== "north" ? null : round((powerW / 1000) * 0.619, 6),
    intervalMs,
    pollMs: silent ? null : 40 + Math.round(rnd() * 60),
    atMs: nowMs - 30,
    receivedMs: nowMs,
    alert: rig.hot ? "danger" : silent ? "money" : null,
  };
}
