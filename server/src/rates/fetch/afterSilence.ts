import { FRESH_MS } from "../freshFirst.js";
import { together } from "../overlap.js";
import type { SeriesSlots } from "../rateSeriesStore.js";
import type { Slot } from "../slot.js";

/**
 * What a source gives, after what was held on to while it was silent: from a day after its date on that stands apart, as old as it is, so
 * that hours which another source priced meanwhile stay as they are. Of exchange rates the newest date counts without that.
 */
export function afterSilence({ series, slots }: SeriesSlots, last: Slot | undefined): SeriesSlots {
  const given = { series, slots };
  const endMs = slots[0]?.startMs;
  if (endMs === undefined || series.startsWith("fx/")) return given;
  if (!last || Number.isFinite(last.endMs) || last.asOfMs === null) return given;
  const startMs = Math.max(last.startMs, last.asOfMs + FRESH_MS);
  if (startMs >= endMs) return given;
  const date = new Date(last.asOfMs).toISOString().slice(0, 10);
  const note = together([last.note, `of ${date}, nothing newer was told`], "; ")!;
  return { series, slots: [{ ...last, startMs, endMs, note }, ...slots] };
}
