import { Zone } from "@hashwatt/protocol/zone";
import type { NetworkSnapshot } from "../bundledData.js";
import type { FxRecord, SiteRecord, TariffRecord } from "../store/state/state.js";
import type { GridFactors } from "./carbon/gridFactors.js";
import { manualFx } from "./fx/manual.js";
import { snapshotHashprice } from "./hashprice/snapshot.js";
import type { RateKind, RateSource } from "./slot.js";
import { timesSlots } from "./slot.js";
import { flatTariff } from "./tariffs/flat.js";
import { siteTariffs } from "./tariffs/siteTariffs.js";
import type { Tariff } from "./tariffs/tariff.js";

/** What rate sources draw on: bundled tables, and what the operator has set. */
export interface RateTables {
  snapshot: NetworkSnapshot;
  factors: GridFactors;
  tariffs: readonly TariffRecord[];
  fx: readonly FxRecord[];
  /** By site, as its config has them. */
  contracts?: ReadonlyMap<string, readonly Tariff[]>;
}

type MakeSource = (site: SiteRecord, tables: RateTables) => RateSource | undefined;

const snapshotInSiteCurrency: MakeSource = (site, { snapshot, fx }) => {
  const own = snapshot.btcPrice[site.currency];
  if (own !== undefined) return snapshotHashprice(snapshot, site.currency, own);
  const usd = snapshot.btcPrice.USD;
  if (usd === undefined) return undefined;
  const inUsd = snapshotHashprice(snapshot, "USD", usd);
  const rate = manualFx(fx, site.currency);
  return {
    ...inUsd,
    unit: `${site.currency}/PH/day`,
    slots: (range) => timesSlots(inUsd.slots(range), rate.slots(range)),
  };
};

/** Every source of every kind, best first: the first that covers a moment counts. */
const SOURCES: Record<RateKind, readonly MakeSource[]> = {
  hashprice: [snapshotInSiteCurrency],
  price: [
    (site, { contracts }) => {
      const own = contracts?.get(site.site);
      return own && siteTariffs(own, site.currency, Zone.of(site.zone));
    },
    (site, { tariffs }) =>
      flatTariff(
        tariffs.filter((tariff) => tariff.site === site.site),
        site,
      ),
  ],
  carbon: [
    (site, { factors }) => (site.gridRegion === undefined ? undefined : factors.source(site.gridRegion)),
  ],
  fx: [(site, { fx }) => manualFx(fx, site.currency)],
};

/** The sources of one kind that serve a site, best first; empty where none does. */
export const sourcesOf = (kind: RateKind, site: SiteRecord, tables: RateTables): RateSource[] =>
  SOURCES[kind].flatMap((make) => make(site, tables) ?? []);
