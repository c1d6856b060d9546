import { numberOf } from "../parameters.js";
import { energise } from "../site/feeder.js";
import { placeOf } from "../site/places.js";
import { at, type Line, lasts, line, MINUTE, type Scenario, SECOND } from "./scenario.js";

export const siteOutageAndInrush: Scenario = {
  name: "site-outage-and-inrush",
  says: "no power on the whole site; when it is back all supplies charge at once and trip the breaker; then rack by rack, of one rack rig by rig",
  parameters: {
    at: at(2 * MINUTE),
    for: lasts(5 * MINUTE),
    stagger: { kind: "duration", default: 0, says: "from rack to rack when the power is back" },
    reclose: {
      kind: "duration",
      default: 5 * MINUTE,
      says: "until somebody closes a breaker that has tripped",
    },
    carefully: { kind: "duration", default: 20 * SECOND, says: "from rack to rack after that" },
    headroom: {
      kind: "number",
      default: 1.15,
      least: 0.5,
      most: 5,
      says: "rating of the feeder over that of all rigs",
    },
  },
  plan(values, { rigs }) {
    const startMs = numberOf(values, "at");
    const lines: Line[] = [];
    const capacityW = numberOf(values, "headroom") * rigs.reduce((sum, rig) => sum + rig.unit.powerW, 0);
    // Where all of a site is one rack, its rigs are what can be closed one after the other.
    const isOneRack = new Set(rigs.map(({ index }) => placeOf(index).rack)).size === 1;
    const groupOf = (index: number) => (isOneRack ? index + 1 : placeOf(index).rack);
    const nameOf = (group: number) => (isOneRack ? placeOf(group - 1).name : `rack-${group}/*`);
    const groups = new Set(rigs.map(({ index }) => groupOf(index)));
    const offUntil = new Map([...groups].map((group) => [group, startMs]));
    let backMs = startMs + numberOf(values, "for");
    let staggerMs = numberOf(values, "stagger");
    // Twice is enough to show it; a feeder that is too small for its rigs stays dark after the second time.
    for (const last of [false, true]) {
      const closing = (group: number) => backMs + (group - 1) * staggerMs;
      for (const [group, offMs] of offUntil) {
        lines.push(line(offMs, closing(group) - offMs, nameOf(group), "power-off"));
      }
      const loads = rigs.map((rig) => ({
        ratedW: rig.unit.powerW,
        closesMs: closing(groupOf(rig.index)) - backMs,
      }));
      const { sags, tripsMs } = energise(loads, capacityW);
      for (const { fromMs, untilMs, supply } of sags)
        lines.push(line(backMs + fromMs, untilMs - fromMs, "all", "brown-out", { to: supply }));
      if (tripsMs === undefined) break;
      for (const group of groups) offUntil.set(group, Math.max(closing(group), backMs + tripsMs));
      if (last) lines.push(line(backMs + tripsMs, undefined, "all", "power-off"));
      backMs += tripsMs + numberOf(values, "reclose");
      staggerMs = numberOf(values, "carefully");
    }
    return { lines };
  },
};
