import { at, HOUR, lasts, line, rigs, type Scenario } from "./scenario.js";

export const garbageReplies: Scenario = {
  name: "garbage-replies",
  says: "answers are cut short, have stray bytes or broken JSON",
  parameters: {
    at: at(0),
    for: lasts(24 * HOUR),
    rigs: rigs("20%"),
    share: { kind: "number", default: 0.5, least: 0, most: 1, says: "share of the answers" },
  },
  plan: ({ at, for: lastsMs, rigs, share }) => ({
    lines: [line(at as number, lastsMs as number, rigs as string, "garbled", { share })],
  }),
};
