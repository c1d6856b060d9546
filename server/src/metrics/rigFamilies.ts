import { isReporting, type Reading, type RigView, slowestFanRpm } from "../fleet/rigView.js";
import type { Family } from "./family.js";
import { gramsPerSecond, hashesPerSecond, perSecond, seconds } from "./units.js";

/** Labels of every rig's series. Neither its name, which is its address, nor its pool's user. */
export const RIG_LABELS = ["site", "model", "rig"] as const;

/** A family with at most one series per rig. Its labels are those of the rig, then `more`'s. */
export interface RigFamily extends Family {
  value(view: RigView): number | undefined;
  /** The value of the label beside those of the rig; absent = there is none. */
  more?: (view: RigView, currency: string | undefined) => string | undefined;
}

/** What a rig reports; a reading too old to stand for now makes no series. */
function reported(
  name: string,
  help: string,
  of: (reading: Reading, view: RigView) => number | undefined,
  options: {
    type?: Family["type"];
    label?: string;
    more?: NonNullable<RigFamily["more"]>;
  } = {},
): RigFamily {
  const { type = "gauge", label, more } = options;
  return {
    name: `hashwatt_rig_${name}`,
    type,
    help: `${help}; absent while the rig gives no fresh reading`,
    labels: label === undefined ? RIG_LABELS : [...RIG_LABELS, label],
    value: (view) => (isReporting(view) ? of(view.reading!, view) : undefined),
    ...(more && { more }),
  };
}
const currency = { label: "currency", more: (_view: RigView, unit: string | undefined) => unit };

/** The series of each rig, where the config asks for them. */
export const RIG_FAMILIES: readonly RigFamily[] = [
  {
    name: "hashwatt_rig_status",
    type: "gauge",
    help: "1 for the status that the rig is in; stale: nothing arrived for three of its intervals",
    labels: [...RIG_LABELS, "status"],
    value: () => 1,
    more: ({ stale, reading }) => (stale || !reading ? "stale" : reading.status),
  },
  {
    name: "hashwatt_rig_last_reading_timestamp_seconds",
    type: "gauge",
    help: "When the latest reading arrived; time() less this is the age of the data",
    labels: RIG_LABELS,
    value: (view) => seconds(view.receivedMs),
  },
  reported("hashrate_hashes_per_second", "Hashrate", ({ hashrateThs }) => hashesPerSecond(hashrateThs)),
  reported(
    "power_watts",
    "Power at the plug; source says where the figure comes from",
    ({ powerW }) => powerW,
    {
      label: "source",
      more: ({ reading }) => reading?.powerSource,
    },
  ),
  reported("inlet_temperature_celsius", "Hottest inlet sensor", ({ inletTempC }) => inletTempC),
  reported("board_temperature_celsius", "Hottest board sensor", ({ boardTempC }) => boardTempC),
  reported("chip_temperature_celsius", "Hottest chip sensor", ({ chipTempC }) => chipTempC),
  reported("fan_slowest_rpm", "Slowest fan, in revolutions per minute", ({ fansRpm }) =>
    slowestFanRpm(fansRpm),
  ),
  reported(
    "revenue_per_second",
    "What the hashrate earns at the present hashprice, in units of the currency",
    (_, { figures }) => perSecond(figures.revenuePerH),
    currency,
  ),
  reported(
    "cost_per_second",
    "What the power costs at the present price of energy, in units of the currency",
    (_, { figures }) => perSecond(figures.costPerH),
    currency,
  ),
  reported(
    "profit_per_second",
    "Revenue less the cost of energy, in units of the currency",
    (_, { figures }) => perSecond(figures.profitPerH),
    currency,
  ),
  reported(
    "carbon_grams_per_second",
    "CO2 equivalent that the power causes at the grid factor",
    (_, { figures }) => gramsPerSecond(figures.co2KgPerH),
  ),
  reported(
    "shares_accepted_total",
    "Shares accepted by the pool since the mining program started",
    ({ shares }) => shares?.accepted,
    {
      type: "counter",
    },
  ),
  reported(
    "shares_rejected_total",
    "Shares rejected by the pool since the mining program started",
    ({ shares }) => shares?.rejected,
    {
      type: "counter",
    },
  ),
];
