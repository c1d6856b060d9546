import { isReporting, type RigView, slowestFanRpm } from "../../fleet/rigView.js";
import { accountOf, hostOfPool } from "../poolCensus.js";

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

const one = (word: string | undefined): readonly string[] | undefined =>
  word === undefined ? undefined : [word];

/** The user at the pool in use; undefined where the rig does not tell it. */
function userOf({ reading, record }: RigView): string | undefined {
  const { pools } = record.evidence;
  return (
    pools?.find(({ active, url }) => active && url === reading?.pool) ?? pools?.find((each) => each.active)
  )?.user;
}

/** Every word of a rig by its name: as it is shown, then by what else it may be meant. */
export const TEXT_FIELDS: Readonly<Record<string, (view: RigView) => readonly string[] | undefined>> = {
  status: (view) => one(isReporting(view) ? view.reading!.status : "unreachable"),
  powerMode: ({ reading }) => one(reading?.powerMode),
  powerSource: ({ reading }) => one(reading?.powerSource),
  /** Its whole address, its `host:port` and its host. */
  pool({ reading }) {
    const url = reading?.pool;
    if (url === undefined) return undefined;
    const host = hostOfPool(url);
    return [url, host, host.replace(/:\d+$/, "")];
  },
  /** The whole user, and what stands before the worker. */
  account(view) {
    const user = userOf(view);
    return user === undefined ? undefined : [user, accountOf(user)];
  },
  /** What stands behind the account. */
  worker(view) {
    const user = userOf(view);
    return user === undefined ? undefined : [user.slice(accountOf(user).length).replace(/^[.:]/, "")];
  },
  model: ({ record }) => one(record.evidence.model),
  make: ({ record }) => one(record.evidence.make),
  firmware: ({ record }) => one(record.evidence.firmware),
  algo: ({ algo }) => one(algo),
};
