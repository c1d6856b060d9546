import type { Zone } from "@hashwatt/protocol/zone";
import { fillGaps, type Slot, type TimeRange } from "../slot.js";
import type { Climate } from "./climate.js";

/** Mean and half the range of a month's days, °C. */
export interface MonthTemperature {
  meanC: number;
  amplitudeC: number;
}

/** The months of a place, January first; the amplitude is 0 where only means are known. */
export const monthsOf = ({
  monthly_mean_c: means,
  monthly_high_c: highs,
  monthly_low_c: lows,
}: Climate): MonthTemperature[] =>
  means.map((meanC, month) => {
    const [high, low] = [highs?.[month], lows?.[month]];
    const amplitudeC = high === undefined ? 0 : low === undefined ? high - meanC : (high - low) / 2;
    return { meanC, amplitudeC };
  });

/** Temperature of a local hour on a usual day of a month: warmest at 15:00, coldest at 3:00. */
export const usualTempC = ({ meanC, amplitudeC }: MonthTemperature, hour: number): number =>
  meanC + amplitudeC * Math.cos((2 * Math.PI * (hour - 15)) / 24);

/** Temperature outside as a usual year has it, an hour each; an assumption, not a measurement. */
export function usualAmbient(climate: Climate, zone: Zone, { fromMs, toMs }: TimeRange): Slot[] {
  const months = monthsOf(climate);
  const slots: Slot[] = [];
  for (let startMs = fromMs; startMs < toMs; ) {
    const { month, hour } = zone.wall(startMs);
    const endMs = Math.min(zone.endOfHour(startMs), toMs);
    slots.push({
      startMs,
      endMs,
      value: usualTempC(months[month - 1]!, hour),
      source: `usual year of ${climate.name}`,
      note: `${climate.kind}; ${climate.source}`,
      asOfMs: null,
    });
    startMs = endMs;
  }
  return slots;
}

/** Temperature outside: as a sensor said, else as a usual year has it. */
export const ambientSlots = (
  measured: readonly Slot[],
  climate: Climate | undefined,
  zone: Zone,
  range: TimeRange,
): Slot[] => (climate ? fillGaps(measured, usualAmbient(climate, zone, range)) : [...measured]);
