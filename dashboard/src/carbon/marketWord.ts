import type { Ledger } from "@hashwatt/protocol/ledger";
import type { Matching } from "@hashwatt/protocol/matching";
import { zoneDate } from "../series/dayHours.js";

/** What is said below the market-based figure of a period: how it is made, or what is missing of it. */
export type MarketWord = "carbon.marketNote" | "carbon.marketNone" | "carbon.marketUnknown";

const dateOf = (ms: number, zone: string): string => {
  const { year, month, day } = zoneDate(ms, zone);
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
};

/** `contracts` are those of the site, whether or not they hold in the period; undefined while they are not known. */
export function marketWord(
  { totals, fromMs, toMs, zone }: Pick<Ledger, "totals" | "fromMs" | "toMs" | "zone">,
  contracts: readonly Pick<Matching["contracts"][number], "validFrom" | "validTo">[] | undefined,
): MarketWord {
  // Without any energy it is no factor that is missing.
  if (totals.co2MarketMg !== null || totals.coverage.energyMs === 0 || !contracts) return "carbon.marketNote";
  const [first, last] = [dateOf(fromMs, zone), dateOf(Math.max(fromMs, toMs - 1), zone)];
  const holds = contracts.some(
    ({ validFrom, validTo }) => validFrom <= last && (validTo === undefined || validTo > first),
  );
  return holds ? "carbon.marketUnknown" : "carbon.marketNone";
}
