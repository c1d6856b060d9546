const DAY_MS = 86_400_000;

/** What invented pools paid and an invented utility billed, in the shape of `/api/reconciliation`. */
export function fakeReconciliation(site, params) {
  const fromMs = Number(params.get("from"));
  const toMs = Math.min(Number(params.get("to")), Date.now());
  const rows = [];
  for (let at = Math.ceil(fromMs / DAY_MS) * DAY_MS; at + DAY_MS <= toMs; at += DAY_MS) {
    const n = at / DAY_MS;
    const coverage = n % 9 === 2 ? 0.93 : 1;
    const computed = Math.round(517_000_000 * coverage);
    const full = Math.round(computed / coverage);
    const credited = Math.round(full * 0.994);
    const paid = credited + Math.round(Math.sin(n) * 900_000);
    rows.push({
      of: "braiins/farm",
      fromMs: at,
      toMs: at + DAY_MS,
      computed,
      paid,
      difference: paid - computed,
      parts: [
        ...(coverage < 1 ? [{ cause: "coverage", amount: full - computed, factor: 1 / coverage }] : []),
        { cause: "hashrate", amount: credited - full, factor: 0.994 },
      ],
      rest: paid - credited,
      coverage,
      counted: 10.49,
      measured: 10.55,
    });
  }
  const sum = (pick) => rows.reduce((all, row) => all + pick(row), 0);
  const month = rows.length
    ? [
        {
          fromMs,
          toMs: Number(params.get("to")),
          computed: sum((row) => row.computed),
          paid: sum((row) => row.paid),
          paidKnown: sum((row) => row.paid),
          difference: sum((row) => row.difference),
          parts: ["coverage", "hashrate"].map((cause) => ({
            cause,
            amount: sum((row) => row.parts.find((part) => part.cause === cause)?.amount ?? 0),
          })),
          rest: sum((row) => row.rest),
          coverage: 0.992,
          periods: rows.length,
          periodsKnown: rows.length,
        },
      ]
    : [];
  return {
    site: site.site,
    zone: site.zone,
    currency: site.currency,
    fromMs,
    toMs,
    payouts: { unit: "mSat", rows, months: month },
    bills: { unit: "millionths", rows: [], months: [] },
    meter: { unit: "Wh", rows: [], months: [] },
    notes: [],
  };
}

/** What an invented tariff comes to in the present billing period. */
export function fakeBill(site) {
  const now = new Date();
  const startMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  const line = (kind, name, quantity, unit, price, more = {}) => ({
    kind,
    name,
    quantity,
    unit,
    price,
    amount: quantity * price,
    provisional: false,
    atLeast: true,
    ...more,
  });
  const lines = [
    line("energy", "peak", 24_120, "kWh", 0.141),
    line("energy", "flat", 61_300, "kWh", 0.088),
    line("energy", "valley", 24_800, "kWh", 0.027),
    line("demand", "Demand charge", 244.7, "kW", 5.2, {
      provisional: true,
      peak: { startMs: startMs + 3 * DAY_MS, endMs: startMs + 3 * DAY_MS + 900_000, kw: 244.7 },
    }),
  ];
  return {
    site: site.site,
    tariff: "example-66kv",
    name: "Example two-part 66 kV",
    currency: site.currency,
    source: "invented: bands of an example tariff, August 2026",
    period: { name: now.toISOString().slice(0, 7), startMs, endMs: startMs + 30 * DAY_MS },
    open: true,
    toMs: now.getTime(),
    coverage: 0.968,
    basis: "rigs",
    kwh: 110_220,
    lines,
    total: lines.reduce((sum, { amount }) => sum + amount, 0),
    atLeast: true,
  };
}
