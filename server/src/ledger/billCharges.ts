import type { SiteLine } from "@hashwatt/protocol/ledger";
import type { Bill } from "@hashwatt/protocol/settings";
import { Zone } from "@hashwatt/protocol/zone";
import type { TimeRange } from "../rates/slot.js";
import { periodsOf } from "../rates/tariffs/bill.js";
import { billingPeriods } from "../rates/tariffs/billingPeriod.js";
import { whyOf } from "../rates/tariffs/billWhy.js";
import { startOf } from "../rates/tariffs/energyPrice.js";
import type { Tariff } from "../rates/tariffs/tariff.js";
import type { Bills } from "../settings/bills.js";
import { siteCostKind } from "../settings/kinds.js";
import type { Settings } from "../settings/settings.js";
import type { SiteCost } from "../settings/siteCost.js";
import { tariffKind } from "../settings/tariffKind.js";
import type { SiteRecord } from "../store/state/state.js";
import type { SiteCharges } from "./siteCharges.js";

const MICRO = 1e6;
/** A bill is worked out again so seldom: it rests on a whole month. */
const FRESH_MS = 60_000;
const MAX_HELD = 32;

/** What charges are made from. */
export interface BillChargeParts {
  bills: Pick<Bills, "all">;
  settings: Pick<Settings, "values">;
  sites: { get(site: string): SiteRecord | undefined };
  clock: { nowMs(): number };
}

/** What a site owes beside its energy: demand and fixed amounts of its bills, with their tax, and its own monthly costs. */
export function billCharges({ bills, settings, sites, clock }: BillChargeParts): SiteCharges {
  const held = new Map<string, { untilMs: number; lines: SiteLine[] }>();
  return {
    async lines(site, range) {
      const record = sites.get(site);
      if (!record) return [];
      const costs = settings.values(siteCostKind, site).map(({ value }) => value);
      const own = costs.flatMap((cost) => costLines(cost, Zone.of(record.zone), range));
      const tariffs = settings.values(tariffKind, site).map(({ value }) => value);
      if (!tariffs.some(owesMore)) return own;
      // Bills are of whole periods: whatever range is asked for, those that it touches are the same.
      const zone = Zone.of(record.zone);
      const touched = { fromMs: range.fromMs, toMs: Math.min(range.toMs, clock.nowMs()) };
      const periods = tariffs.flatMap((tariff) =>
        periodsOf(tariff, zone, touched).map(({ startMs }) => `${tariff.id} ${startMs}`),
      );
      const key = [site, ...periods].join("\n");
      const known = held.get(key);
      if (known && clock.nowMs() < known.untilMs) return [...known.lines, ...own];
      const lines = (await bills.all(record, range)).flatMap((bill) => {
        const tariff = tariffs.find(({ id }) => id === bill.tariff);
        const dated = tariff && (tariff.asOf ?? tariff.validFrom);
        return billLines(
          bill,
          dated === undefined ? null : startOf(dated, Zone.of(record.zone)),
          tariff?.taxPercent ?? 0,
        );
      });
      held.set(key, { untilMs: clock.nowMs() + FRESH_MS, lines });
      for (const old of held.keys()) if (held.size > MAX_HELD) held.delete(old);
      return [...lines, ...own];
    },
  };
}

const owesMore = ({ demand, monthly, credits, minimumCharge }: Tariff): boolean =>
  demand.length + monthly.length + credits.length > 0 || minimumCharge !== undefined;

const KINDS = { demand: "demand", fixed: "fixed", minimum: "fixed", credit: "credit" } as const;

function billLines(bill: Bill, asOfMs: number | null, taxPercent: number): SiteLine[] {
  return bill.lines.flatMap(({ kind, name, amount, provisional, atLeast, quantity, unit, note, why }) => {
    if (!(kind in KINDS)) return [];
    // Credits come after the tax.
    const taxed = kind === "credit" ? 0 : taxPercent;
    const said = [
      quantity !== null && unit !== null
        ? `${quantity} ${unit} in the billing period of ${bill.period.name}`
        : "",
      taxed ? `${taxed} % tax on top` : "",
      atLeast ? "a lower bound: a part of the time was not measured" : "",
      note ?? "",
    ].filter(Boolean);
    return [
      {
        kind: KINDS[kind as keyof typeof KINDS],
        name,
        amountMicro: amount === null ? null : Math.round(amount * (1 + taxed / 100) * MICRO),
        provisional: provisional && bill.open,
        // Of what is lacking of a minimum it may be less where more was used than was measured.
        partlyMeasured: atLeast || (kind === "minimum" && bill.atLeast),
        fromMs: bill.period.startMs,
        toMs: bill.period.endMs,
        source: `${bill.name}: ${bill.source}`,
        asOfMs,
        ...(said.length && { note: said.join("; ") }),
        why: taxed ? { ...why, inputs: [...why.inputs, { name: "taxPercent", value: taxed }] } : why,
      },
    ];
  });
}

/** A monthly cost as one line for each month of the calendar that the range touches; of a month that it holds for in part, that part. */
function costLines(cost: SiteCost, zone: Zone, range: TimeRange): SiteLine[] {
  const validFromMs = startOf(cost.validFrom, zone);
  const validToMs = cost.validTo === undefined ? Number.POSITIVE_INFINITY : startOf(cost.validTo, zone);
  const [touchedMs, untilMs] = [Math.max(range.fromMs, validFromMs), Math.min(range.toMs, validToMs)];
  return billingPeriods(zone, 1, touchedMs, untilMs).map(({ startMs, endMs }) => {
    const [fromMs, toMs] = [Math.max(startMs, validFromMs), Math.min(endMs, validToMs)];
    return {
      kind: "fixed",
      name: cost.name,
      amountMicro: Math.round((cost.perMonth * MICRO * (toMs - fromMs)) / (endMs - startMs)),
      provisional: false,
      partlyMeasured: false,
      fromMs,
      toMs,
      source: cost.source,
      asOfMs: validFromMs,
      why: whyOf(
        "monthlyCost",
        { perMonth: cost.perMonth, periodShare: (toMs - fromMs) / (endMs - startMs) },
        { source: cost.source, asOfMs: validFromMs },
      ),
    };
  });
}
