import { seeded } from "./fakeFleet.mjs";

/** Invented histories of a world: a gap nineteen hours ago, an evening dip, nothing before 26 hours ago. */
export function fakeHistory({ startedMs, sites, rigs, totalsOf, detail }) {
  /** A history with a gap in it; the fleet began 26 hours ago. */
  function series(from, to, step, fields, base) {
    const tMs = [];
    const columns = Object.fromEntries([...fields, "covered"].map((field) => [field, []]));
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
      const age = startedMs - at;
      const gap = (age > 19 * 3_600_000 && age < 20.2 * 3_600_000) || age > 26 * 3_600_000;
      const noise = seeded(at / 1000);
      tMs.push(at);
      for (const field of fields) columns[field].push(gap ? null : base(field, at, noise));
      columns.covered.push(gap ? 0 : Math.min(1, (to - at) / step));
    }
    return {
      fromMs: from,
      toMs: to,
      stepMs: step,
      tier: step >= 3_600_000 ? "1h" : step >= 300_000 ? "5m" : "raw",
      coverage: 0.95,
      tMs,
      columns,
    };
  }

  function siteSeries(site, from, to, step, fields) {
    const now = totalsOf(
      rigs.filter((rig) => rig.site.site === site),
      [sites.find((each) => each.site === site).currency],
      Date.now(),
    );
    const hash = now.algos[0]?.hashrateThs ?? 0;
    return series(from, to, step, fields, (field, at, noise) => {
      const hour = (at / 3_600_000) % 24;
      const dip = Math.max(0, 1 - Math.abs(hour - 20) / 2) * 0.05;
      const level = 1 - dip + (noise() - 0.5) * 0.008;
      switch (field) {
        case "hashrateThs":
          return hash * level;
        case "nominalThs":
          return now.algos[0]?.nominalThs ?? null;
        case "powerW":
          return now.powerW * level;
        case "reportingRigs":
          return now.reporting - (noise() < 0.1 ? 1 : 0);
        case "rigs":
          return now.rigs;
        case "co2KgPerH":
          return now.co2KgPerH === null ? null : now.co2KgPerH * level;
        case "profitPerH":
          return now.money[0].profitPerH === null
            ? null
            : now.money[0].profitPerH * (hour > 8 && hour < 13 ? -0.7 : 1.1) * level;
        default:
          return null;
      }
    });
  }

  function rigSeries(id, from, to, step, fields) {
    const found = detail(id);
    if (!found) return undefined;
    const { sample } = found;
    return series(from, to, step, fields, (field, at, noise) => {
      const key = field.replace(/(Min|Max)$/, "");
      const value = sample[key];
      if (value === undefined) return null;
      const wave = 1 + Math.sin(at / 2_400_000) * 0.012 + (noise() - 0.5) * 0.012;
      return value * wave * (field.endsWith("Min") ? 0.985 : field.endsWith("Max") ? 1.015 : 1);
    });
  }

  function boardSeries(id, from, to, step) {
    const sample = detail(id)?.sample;
    const tMs = [];
    for (let at = Math.max(from, startedMs - 26 * 3_600_000); at <= to; at += step) tMs.push(at);
    const boards = (sample?.boards ?? []).map((board) => ({
      slot: board.slot,
      tMs,
      columns: {
        hashrateThs: tMs.map((at) => board.hashrateThs * (1 + Math.sin(at / 3e6 + board.slot) * 0.02)),
      },
    }));
    return { fromMs: from, toMs: to, stepMs: step, boards };
  }

  return { siteSeries, rigSeries, boardSeries };
}
