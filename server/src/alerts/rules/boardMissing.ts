import type { RigView } from "../../fleet/rigView.js";
import { boardSubject } from "../boardSubject.js";
import { rigSubject } from "../judged.js";
import { isMining, MINUTE_MS, numberRule, shareOfRevenue } from "./numberRule.js";

/** A board hashes nothing where its fellows do: its slot is still told, and it is as good as gone. */
const isDead = (board: { hashrateThs?: number | undefined; chips?: number | undefined }): boolean =>
  board.chips === 0 || (board.chips === undefined && board.hashrateThs === 0);

const working = (view: RigView): number =>
  (view.reading?.boards ?? []).reduce((count, board) => count + (isDead(board) ? 0 : 1), 0);

/** The slots that the rig showed and that work no more, as far as the numbers of the others tell. */
function missingSlots(view: RigView, most: number): number[] {
  const boards = view.reading?.boards ?? [];
  const missing = boards.filter(isDead).map(({ slot }) => slot);
  const count = most - working(view);
  const slots = new Set(boards.map(({ slot }) => slot));
  const first = slots.has(0) || !slots.has(most) ? 0 : 1;
  for (let slot = first; slot < first + most && missing.length < count; slot++)
    if (!slots.has(slot)) missing.push(slot);
  return missing.sort((a, b) => a - b);
}

/** Fewer working boards than the rig once showed, for five minutes of mining. */
export const boardMissing = numberRule<RigView>({
  id: "boardMissing",
  severity: "money",
  limit: 0,
  clear: 0,
  unit: "boards missing",
  holdMs: 5 * MINUTE_MS,
  resolveHoldMs: 5 * MINUTE_MS,
  quietInStop: true,
  measure(view, { memory }) {
    const mining = isMining(view);
    if (mining === undefined || !memory) return undefined;
    if (!mining || (view.reading!.uptimeS ?? Number.POSITIVE_INFINITY) < 600) return "clear";
    const most = memory.mostBoards(view.rig);
    if (!view.reading!.boards || most === 0) return undefined;
    return most - working(view);
  },
  part(view, { memory }) {
    const [slot, ...more] = missingSlots(view, memory?.mostBoards(view.rig) ?? 0);
    // Of several it is the rig.
    return slot === undefined || more.length ? rigSubject(view) : boardSubject(view, slot);
  },
  reason(view, { value }, { memory }) {
    const most = memory?.mostBoards(view.rig) ?? 0;
    const slots = missingSlots(view, most);
    const which = slots.length
      ? `, ${slots.length === 1 ? "the one in slot" : "those in slots"} ${slots.join(", ")}`
      : "";
    return `${value} of ${most} boards ${value === 1 ? "does" : "do"} not work any more${which}`;
  },
  siteOf: ({ record }) => record.site,
  lossPerH(view, value, context) {
    const most = context.memory?.mostBoards(view.rig) ?? 0;
    const usual = context.memory?.usualThs(view.rig);
    return usual === undefined || !most ? null : shareOfRevenue(view, (usual * value) / most, context);
  },
  step: 1,
});
