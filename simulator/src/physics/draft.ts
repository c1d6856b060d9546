import type { RigState } from "../rigState.js";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A rig that is being moved on, in place: every part that changes is its own. */
export type Draft = Omit<
  Mutable<RigState>,
  "boards" | "windows" | "held" | "shares" | "pools" | "shareAtMs"
> & {
  boards: Mutable<RigState["boards"][number]>[];
  windows: Mutable<RigState["windows"]>;
  held: Mutable<RigState["held"]>;
  shares: Mutable<RigState["shares"]>;
  pools: (Omit<Mutable<RigState["pools"][number]>, "shares"> & { shares: Mutable<RigState["shares"]> })[];
  shareAtMs: (number | undefined)[];
};

/** A copy that may be changed without anybody noticing. */
export function draftOf(state: RigState): Draft {
  return {
    ...state,
    boards: state.boards.map((board) => ({ ...board })),
    windows: { ...state.windows },
    held: { ...state.held },
    shares: { ...state.shares },
    pools: state.pools.map((pool) => ({ ...pool, shares: { ...pool.shares } })),
    shareAtMs: state.shareAtMs.slice(),
  };
}

/** The highest chip temperature of the boards that are there; the inlet's when there is none. */
export function hottest(draft: Pick<Draft, "boards" | "inletTempC">): number {
  let max = draft.inletTempC;
  for (const board of draft.boards) if (board.present && board.chipTempC > max) max = board.chipTempC;
  return max;
}
