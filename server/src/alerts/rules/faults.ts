import { isReporting, type RigView } from "../../fleet/rigView.js";
import { overheatFault } from "../overheatFault.js";
import { MINUTE_MS, numberRule } from "./numberRule.js";

/** Its firmware tells a fault, other than of heat, in two readings in a row over a minute. */
export const faults = numberRule<RigView>({
  id: "faults",
  severity: "warning",
  limit: 0,
  clear: 0,
  unit: "faults",
  holdMs: MINUTE_MS,
  resolveHoldMs: 10 * MINUTE_MS,
  inhibitedBy: ["offline", "overheating"],
  measure(view) {
    if (!isReporting(view)) return undefined;
    const { faults: told, status } = view.reading!;
    if (!told?.length) return status === "fault" ? 1 : 0;
    return overheatFault(view) ? told.length - 1 : told.length;
  },
  reason(view) {
    const told = view.reading?.faults ?? [];
    if (!told.length) return "Its firmware has stopped it by a fault that it does not name";
    const [first] = told;
    const rest = told.length > 1 ? ` and ${told.length - 1} more` : "";
    const fix = first!.fix === undefined ? "" : `; ${first!.fix}`;
    return `Fault ${first!.code}${first!.text === undefined ? "" : `, ${first!.text}`}${rest}${fix}`;
  },
  step: 1,
});
