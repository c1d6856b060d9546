import { breakEvenPrice, type Mining } from "./breakEven.js";

/** One hour as it is or will be; null = its price is not known. */
export interface PricedHour {
  startMs: number;
  pricePerKwh: number | null;
}

/** Whether to run in an hour; null where its price is unknown. */
export interface HourAdvice extends PricedHour {
  run: boolean | null;
  /** What 1 PH/s earns beyond its energy in this hour; null = unknown. */
  marginPerPh: number | null;
}

/** What a day or more looks like with and without stopping in the hours that do not pay, per PH/s, over the hours with a price. */
export interface Curtailment {
  /** Price per kWh up to which an hour pays; undefined where nothing is drawn. */
  thresholdPerKwh: number | undefined;
  hours: HourAdvice[];
  profitableHours: number;
  marginAlwaysOn: number;
  marginIfStopped: number;
  /** What stopping saves. */
  avoidedLoss: number;
  /** Hours without a price: nothing is said of them. */
  unknownHours: number;
}

/**
 * Which hours pay for their own energy. Marginal on purpose: a demand charge and fixed costs are owed either way, so that they are no
 * reason to stop. `restartPerKwh` is what a restart costs, spread over the hour's energy: an hour is run although it loses less than that.
 * It is advice and sends nothing to any rig.
 */
export function curtailment(mining: Mining, hours: readonly PricedHour[], restartPerKwh = 0): Curtailment {
  const breakEven = breakEvenPrice(mining);
  const thresholdPerKwh = breakEven === undefined ? undefined : breakEven + restartPerKwh;
  const revenue = (mining.hashpricePerPhDay * mining.poolFactor) / 24;
  const kwh = mining.efficiencyJPerTh * mining.overhead;
  const made: Curtailment = {
    thresholdPerKwh,
    hours: [],
    profitableHours: 0,
    marginAlwaysOn: 0,
    marginIfStopped: 0,
    avoidedLoss: 0,
    unknownHours: 0,
  };
  for (const hour of hours) {
    if (hour.pricePerKwh === null) {
      made.unknownHours++;
      made.hours.push({ ...hour, run: null, marginPerPh: null });
      continue;
    }
    const marginPerPh = revenue - kwh * hour.pricePerKwh;
    const run = thresholdPerKwh === undefined || hour.pricePerKwh <= thresholdPerKwh;
    if (marginPerPh > 0) made.profitableHours++;
    made.marginAlwaysOn += marginPerPh;
    if (run) made.marginIfStopped += marginPerPh;
    else made.avoidedLoss -= marginPerPh;
    made.hours.push({ ...hour, run, marginPerPh });
  }
  return made;
}
