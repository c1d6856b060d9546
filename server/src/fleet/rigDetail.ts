import type { AlertView, Input, RigDetail } from "@hashwatt/protocol/http";
import type { SiteRates } from "../rates/rates.js";
import type { SiteRecord } from "../store/state/state.js";
import type { DevFee } from "./devFeeMeter.js";
import type { RigView } from "./rigView.js";

/** Public id of a rig, as API, live frames and topics use it. */
export const rigId = (rig: number): string => `r${rig}`;

/** The key behind a public id; undefined for anything else. */
export const rigOfId = (id: string): number | undefined =>
  /^r[1-9]\d{0,8}$/.test(id) ? Number(id.slice(1)) : undefined;

/** Everything known of one rig, as the API and its live channel give it. */
export function rigDetail(
  view: RigView,
  site: Pick<SiteRecord, "currency" | "zone">,
  { inputs, rigPools }: Pick<SiteRates, "inputs" | "rigPools">,
  alerts: AlertView[],
  nowMs: number,
): RigDetail {
  const { record, figures, limits } = view;
  const devFee = view.devFee?.over(nowMs) ?? null;
  // A reading taken from a batch still carries the agent's handle; the public shape has the key instead.
  const { rig: _handle, ...sample } = { rig: undefined, ...view.reading };
  return {
    rig: view.rig,
    id: rigId(view.rig),
    name: record.name,
    site: record.site,
    agent: record.agent,
    currency: site.currency,
    zone: site.zone,
    stale: view.stale,
    evidence: record.evidence,
    firstSeenMs: record.firstSeenMs,
    receivedMs: view.receivedMs ?? null,
    sample: view.reading ? (sample as RigDetail["sample"]) : null,
    figures: {
      efficiencyJPerTh: figures.efficiencyJPerTh ?? null,
      revenuePerH: figures.revenuePerH ?? null,
      costPerH: figures.costPerH ?? null,
      profitPerH: figures.profitPerH ?? null,
      co2KgPerH: figures.co2KgPerH ?? null,
    },
    limits: (["chip", "board"] as const).flatMap((sensor) => {
      const limit = limits[sensor];
      if (!limit) return [];
      const { limitC, source, note } = limit;
      return [{ sensor, limitC, source, ...(note !== undefined && { note }) }];
    }),
    devFee,
    inputs: [...withOwnPool(inputs, rigPools, devFee, view.devFee !== undefined)],
    alerts,
  };
}

/** Said of a rig that shows what its firmware takes, and for which the rate that is set stands in until that was measured. */
const NOT_MEASURED =
  "this rig's firmware fee is as it is set: it counts as measured once an hour of its shares was counted";

/**
 * The inputs of a rig's site, with what pool and firmware leave of this very rig where firmwares' fees are measured; `shows`: its own is
 * going to be.
 */
function withOwnPool(
  inputs: readonly Input[],
  rigPools: SiteRates["rigPools"],
  devFee: DevFee | null,
  shows: boolean,
): readonly Input[] {
  const isOwn = ({ kind, algo }: Input) => kind === "poolFactor" && algo === undefined;
  const stated = (input: Input): Input =>
    devFee || !shows || input.value === null
      ? input
      : { ...input, note: [input.note, NOT_MEASURED].filter(Boolean).join("; ") };
  if (!rigPools) return inputs.map((input) => (isOwn(input) ? stated(input) : input));
  const { before, set } = rigPools;
  const others = inputs.filter((input) => !isOwn(input));
  const slot = devFee ? before.pool : set.pool;
  // Without a pool and a measured fee nothing is taken off.
  if (!slot) return others;
  const own: Input = {
    kind: "poolFactor",
    value: slot.value * (1 - (devFee?.share ?? 0)),
    unit: "share of the hashprice",
    source: slot.source,
    stale: false,
    asOfMs: devFee ? devFee.toMs : slot.asOfMs,
    ...(slot.note !== undefined && { note: slot.note }),
  };
  return [...others, stated(own)];
}
