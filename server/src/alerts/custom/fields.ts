import { isReporting, type RigView, slowestFanRpm } from "../../fleet/rigView.js";

/** A number that a rule of the operator's own may compare. */
export interface NumberField {
  unit: string;
  of(view: RigView): number | undefined;
}

const sum = (values: readonly (number | undefined)[] | undefined): number | undefined => {
  let total: number | undefined;
  for (const value of values ?? []) if (value !== undefined) total = (total ?? 0) + value;
  return total;
};
const reading = (
  key: "chipTempC" | "boardTempC" | "inletTempC" | "outletTempC" | "coolantTempC" | "psuTempC",
) => ({
  unit: "°C",
  of: (view: RigView) => view.reading?.[key],
});
const money = (key: "revenuePerH" | "costPerH" | "profitPerH") => ({
  unit: "per hour",
  of: (view: RigView) => view.figures[key],
});

/** Every number of a rig by its name. */
export const NUMBER_FIELDS: Readonly<Record<string, NumberField>> = {
  chipTempC: reading("chipTempC"),
  boardTempC: reading("boardTempC"),
  inletTempC: reading("inletTempC"),
  outletTempC: reading("outletTempC"),
  coolantTempC: reading("coolantTempC"),
  psuTempC: reading("psuTempC"),
  hashrateThs: { unit: "TH/s", of: ({ reading }) => reading?.hashrateThs },
  hashrateAvgThs: { unit: "TH/s", of: ({ reading }) => reading?.hashrateAvgThs },
  targetThs: { unit: "TH/s", of: ({ reading }) => reading?.targetThs },
  nominalThs: { unit: "TH/s", of: ({ record }) => record.evidence.nominalThs },
  /** Of what it was sold for, 0–1. */
  hashrateRatio: {
    unit: "of nominal",
    of({ reading, record }) {
      const { nominalThs } = record.evidence;
      return reading?.hashrateThs === undefined || !nominalThs ? undefined : reading.hashrateThs / nominalThs;
    },
  },
  powerW: { unit: "W", of: ({ reading }) => reading?.powerW },
  powerLimitW: { unit: "W", of: ({ reading }) => reading?.powerLimitW },
  efficiencyJPerTh: { unit: "J/TH", of: ({ figures }) => figures.efficiencyJPerTh },
  /** Of the slowest fan. */
  fanRpm: { unit: "rpm", of: ({ reading }) => slowestFanRpm(reading?.fansRpm) },
  fanDutyRatio: { unit: "of full", of: ({ reading }) => reading?.fanDutyRatio },
  boards: { unit: "boards", of: ({ reading }) => reading?.boards?.length },
  chips: { unit: "chips", of: ({ reading }) => sum(reading?.boards?.map(({ chips }) => chips)) },
  hwErrors: { unit: "errors", of: ({ reading }) => sum(reading?.boards?.map(({ hwErrors }) => hwErrors)) },
  faults: { unit: "faults", of: ({ reading }) => reading?.faults?.length },
  accepted: { unit: "shares", of: ({ reading }) => reading?.shares?.accepted },
  rejected: { unit: "shares", of: ({ reading }) => reading?.shares?.rejected },
  stale: { unit: "shares", of: ({ reading }) => reading?.shares?.stale },
  uptimeS: { unit: "s", of: ({ reading }) => reading?.uptimeS },
  pollMs: { unit: "ms", of: ({ reading }) => reading?.pollMs },
  poolLatencyMs: { unit: "ms", of: ({ reading }) => reading?.poolLatencyMs },
  revenuePerH: money("revenuePerH"),
  costPerH: money("costPerH"),
  profitPerH: money("profitPerH"),
  co2KgPerH: { unit: "kg/h", of: ({ figures }) => figures.co2KgPerH },
};

/** Every word of a rig by its name. */
export const TEXT_FIELDS: Readonly<Record<string, (view: RigView) => string | undefined>> = {
  status: (view) => (isReporting(view) ? view.reading!.status : "unreachable"),
  powerMode: ({ reading }) => reading?.powerMode,
  powerSource: ({ reading }) => reading?.powerSource,
  pool: ({ reading }) => reading?.pool,
  model: ({ record }) => record.evidence.model,
  make: ({ record }) => record.evidence.make,
  firmware: ({ record }) => record.evidence.firmware,
  algo: ({ algo }) => algo,
};
