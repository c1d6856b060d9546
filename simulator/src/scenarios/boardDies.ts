import { at, line, MINUTE, rigAt, type Scenario } from "./scenario.js";

export const boardDies: Scenario = {
  name: "board-dies",
  says: "chips of a board die one group after the other, then the board is gone for good",
  parameters: {
    at: at(MINUTE),
    over: {
      kind: "duration",
      default: 10 * MINUTE,
      says: "from the first dead chips to the end of the board",
    },
    rigs: rigAt("rack-1/5"),
    board: { kind: "count", default: 2, least: 1, most: 16, says: "which board, from 1" },
  },
  plan({ at, over, rigs, board }) {
    const [startMs, overMs] = [at as number, over as number];
    const failing = [0, 1, 2].map((part) =>
      line(startMs + (part * overMs) / 3, undefined, rigs as string, "chips-off", {
        board,
        chips: 4 + 6 * part,
      }),
    );
    return { lines: [...failing, line(startMs + overMs, undefined, rigs as string, "board-off", { board })] };
  },
};
