import type { FxRecord } from "../../store/state/state.js";
import { type RateSource, slotsFromRecords } from "../slot.js";

/** Units of `currency` per USD as set by hand, each from its date on. */
export function manualFx(records: readonly FxRecord[], currency: string): RateSource {
  const own = records.filter((record) => record.currency === currency);
  return {
    kind: "fx",
    id: "manual",
    unit: `${currency}/USD`,
    slots: (range) =>
      slotsFromRecords(
        own,
        range,
        (record) => record.validFromMs,
        (record) => ({ value: record.perUsd, source: record.source, asOfMs: record.validFromMs }),
      ),
  };
}
