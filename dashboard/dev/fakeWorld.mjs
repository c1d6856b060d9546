import { fakeAlerts } from "./fakeAlerts.mjs";
import { fakeRigs, fakeSites, readingOf, seeded } from "./fakeFleet.mjs";

const STATIC = ["name", "site", "agent", "address", "make", "model", "firmware", "algo", "nominalThs"];
/** Order of a live row. */
export const LIVE = [
  "status",
  "hashrateThs",
  "powerW",
  "powerSource",
  "inletTempC",
  "boardTempC",
  "chipTempC",
  "limitC",
  "fanRpm",
  "revenuePerH",
  "costPerH",
  "profitPerH",
  "co2KgPerH",
  "intervalMs",
  "pollMs",
  "atMs",
  "receivedMs",
  "alert",
];
/** How often each invented rig is read. */
export const INTERVAL_MS = 5_000;

/** The invented fleet in the shapes of the API: what the server would know. */
export function fakeWorld(options) {
  const startedMs = Date.now();
  const epoch = `fake-${startedMs}`;
  const rnd = seeded(7);
  const sites = fakeSites(Number(options.sites), startedMs);
  const rigs = options.empty ? [] : fakeRigs(Number(options.rigs), sites, rnd, startedMs);
  const latest = new Map();
  for (const rig of rigs)
    latest.set(rig, readingOf(rig, startedMs - (rig.silent ? 400_000 : 0), INTERVAL_MS, rnd));

  const alerts = (nowMs) => fakeAlerts({ rigs, latest, startedMs }, nowMs);
  const staticOf = (rig) => ({
    name: rig.name,
    site: rig.site.site,
    agent: "main",
    address: rig.address,
    make: rig.kind.make,
    model: rig.kind.model,
    firmware: rig.kind.make === "Bitmain" ? "2024-08-15" : "20240115.13.REL",
    algo: "sha256",
    nominalThs: rig.kind.nominalThs,
  });

  const sum = (list, pick) => {
    const known = list.map(pick).filter((value) => value !== null && value !== undefined);
    return known.length > 0 ? known.reduce((all, value) => all + value, 0) : null;
  };
  const count = (list, pick) => list.filter((each) => pick(each) !== null).length;
  const isStale = (reading, nowMs) => nowMs - reading.receivedMs > 30_000;

  function totalsOf(list, currencies, nowMs) {
    const readings = list.map((rig) => ({ rig, ...latest.get(rig) }));
    const fresh = readings.filter((reading) => !isStale(reading, nowMs) && reading.status !== "unreachable");
    const byStatus = {};
    for (const reading of readings) {
      const status = isStale(reading, nowMs) ? "stale" : reading.status;
      byStatus[status] = (byStatus[status] ?? 0) + 1;
    }
    const powerBySource = {};
    for (const { powerSource, powerW } of fresh)
      if (powerSource) powerBySource[powerSource] = (powerBySource[powerSource] ?? 0) + powerW;
    const hashrateThs = sum(fresh, (reading) => reading.hashrateThs);
    const powerW = sum(fresh, (reading) => reading.powerW);
    return {
      rigs: list.length,
      reporting: fresh.length,
      byStatus,
      algos:
        list.length === 0
          ? []
          : [
              {
                algo: "sha256",
                rigs: list.length,
                reporting: fresh.length,
                hashrateThs,
                nominalThs: sum(list, (rig) => rig.kind.nominalThs),
                powerW,
                efficiencyJPerTh: hashrateThs ? powerW / hashrateThs : null,
              },
            ],
      powerW,
      powerBySource,
      powerUnknownRigs: list.length - count(fresh, (reading) => reading.powerW),
      money: currencies.map((currency) => {
        const own = fresh.filter((reading) => reading.rig.site.currency === currency);
        const revenuePerH = sum(own, (reading) => reading.revenuePerH);
        const drawnW = sum(own, (reading) => reading.powerW);
        return {
          currency,
          revenuePerH,
          costPerH: sum(own, (reading) => reading.costPerH),
          profitPerH: sum(own, (reading) => reading.profitPerH),
          revenueRigs: count(own, (reading) => reading.revenuePerH),
          costRigs: count(own, (reading) => reading.costPerH),
          profitRigs: count(own, (reading) => reading.profitPerH),
          breakEvenPerKwh: revenuePerH && drawnW ? revenuePerH / (drawnW / 1000) : null,
        };
      }),
      co2KgPerH: sum(fresh, (reading) => reading.co2KgPerH),
      co2Rigs: count(fresh, (reading) => reading.co2KgPerH),
      hottestChipC: Math.max(0, ...fresh.map((reading) => reading.chipTempC ?? 0)) || null,
      alertsFiring: alerts(nowMs).filter(
        (alert) => alert.state === "firing" && list.some((rig) => rig.rig === alert.rig),
      ).length,
    };
  }

  function totals() {
    const serverMs = Date.now();
    return {
      serverMs,
      newestMs:
        rigs.length > 0
          ? Math.max(...[...latest.values()].slice(0, 2_000).map((reading) => reading.receivedMs))
          : null,
      fleet: totalsOf(rigs, [...new Set(sites.map((site) => site.currency))], serverMs),
      sites: sites.map(({ pricePerKwh: _price, ...site }) => ({
        ...totalsOf(
          rigs.filter((rig) => rig.site.site === site.site),
          [site.currency],
          serverMs,
        ),
        ...site,
      })),
      agents: sites.map((site) => ({
        site: site.site,
        agent: "main",
        state: "online",
        version: "0.1.0",
        spoolBatches: options.behind ? 900 : 0,
        spoolBytes: 0,
        behindMs: options.behind ? 540_000 : null,
        clockOffsetMs: 3,
        lostBatches: 0,
      })),
      store: options["store-down"]
        ? { kind: "duckdb", ok: false, note: "disk full on /data" }
        : { kind: "duckdb", ok: true },
    };
  }

  function fleet(seq) {
    const columns = {};
    const dictionary = new Set([
      "site",
      "agent",
      "make",
      "model",
      "firmware",
      "algo",
      "status",
      "powerSource",
      "alert",
    ]);
    const rows = rigs.map((rig) => ({ ...staticOf(rig), ...latest.get(rig) }));
    for (const name of [...STATIC, ...LIVE]) {
      const all = rows.map((row) => row[name] ?? null);
      if (!dictionary.has(name)) columns[name] = all;
      else {
        const dict = [...new Set(all.filter((value) => value !== null))];
        columns[name] = { dict, ix: all.map((value) => dict.indexOf(value)) };
      }
    }
    return { epoch, seq, serverMs: Date.now(), rig: rigs.map((rig) => rig.rig), columns };
  }

  function detail(id) {
    const rig = rigs.find((each) => `r${each.rig}` === id);
    if (!rig) return undefined;
    const nowMs = Date.now();
    const reading = latest.get(rig);
    const { kind, site } = rig;
    const known = (value) => value ?? undefined;
    const boards =
      reading.status === "unreachable"
        ? undefined
        : Array.from({ length: kind.boards - (rig.missingBoard ? 1 : 0) }, (_, slot) => ({
            slot,
            hashrateThs: reading.hashrateThs / kind.boards,
            boardTempC: known(reading.boardTempC),
            chipTempC: reading.chipTempC === null ? undefined : reading.chipTempC - slot,
            chips: kind.chips - (rig.hot && slot === 1 ? 4 : 0),
            chipsExpected: kind.chips,
            hwErrors: slot * 12 + 3,
            frequencyMHz: 525,
            voltageV: 13.6,
          }));
    return {
      rig: rig.rig,
      id,
      name: rig.name,
      site: site.site,
      agent: "main",
      currency: site.currency,
      zone: site.zone,
      stale: isStale(reading, nowMs),
      evidence: {
        address: rig.address,
        port: 4028,
        mac: "02:00:5e:10:00:01",
        serial: "HKRTSIMAAJJC00001",
        hostname: "Antminer",
        make: kind.make,
        model: kind.model,
        firmware: staticOf(rig).firmware,
        apiVersion: "3.1",
        dialect: "antminer-stock",
        algo: "sha256",
        nominalThs: kind.nominalThs,
        boardSerials: [0, 1, 2].map((slot) => ({ slot, serial: `SMTT1${slot}AJ` })),
        pools: [
          { url: "stratum+tcp://pool.example:3333", user: "farm.a0101", status: "Alive", active: true },
          { url: "stratum+tcp://backup.example:3333", user: "farm.a0101", status: "Alive", active: false },
        ],
      },
      firstSeenMs: rig.startedMs,
      receivedMs: reading.receivedMs,
      sample: {
        atMs: reading.atMs,
        intervalMs: INTERVAL_MS,
        pollMs: known(reading.pollMs),
        status: reading.status,
        algo: "sha256",
        hashrateThs: known(reading.hashrateThs),
        powerW: known(reading.powerW),
        powerSource: known(reading.powerSource),
        inletTempC: known(reading.inletTempC),
        boardTempC: known(reading.boardTempC),
        chipTempC: known(reading.chipTempC),
        fansRpm:
          reading.fanRpm === null
            ? undefined
            : rig.hot
              ? [5_820, 0, 5_880, 5_910]
              : [5_820, 5_760, 5_880, 5_910],
        fanDutyRatio: 0.84,
        boards,
        shares: { accepted: rig.accepted, rejected: Math.floor(rig.accepted / 600), stale: 12 },
        pool: "stratum+tcp://pool.example:3333",
        uptimeS: Math.round((nowMs - rig.startedMs) / 1000),
        ...(rig.status === "fault" && {
          faults: [{ code: "J0:8", text: "chain 0 only finds 96 of 108 asics" }],
        }),
      },
      figures: {
        efficiencyJPerTh: reading.hashrateThs ? reading.powerW / reading.hashrateThs : null,
        revenuePerH: reading.revenuePerH,
        costPerH: reading.costPerH,
        profitPerH: reading.profitPerH,
        co2KgPerH: reading.co2KgPerH,
      },
      limits: [
        { sensor: "chip", limitC: 85, source: "thermal-limits.json" },
        { sensor: "board", limitC: 75, source: "own baseline" },
      ],
      inputs: site.inputs,
      alerts: alerts(nowMs).filter((alert) => alert.rig === rig.rig),
    };
  }

  /** A history with a gap in it; the fleet began 26 hours ago. */
  /** Reads a rig anew. */
  const read = (rig, nowMs) => {
    const reading = readingOf(rig, nowMs, INTERVAL_MS, rnd);
    rig.accepted++;
    latest.set(rig, reading);
    return reading;
  };
  return { startedMs, epoch, sites, rigs, alerts, totals, totalsOf, fleet, detail, read };
}
