import { at, line, MINUTE, rigs, type Scenario } from "./scenario.js";

export const wrongPool: Scenario = {
  name: "wrong-pool",
  says: "somebody has put his own pool and worker into some rigs",
  parameters: {
    at: at(MINUTE),
    rigs: rigs("10%"),
    url: { kind: "text", default: "stratum+tcp://pool.hijack.example:3333", says: "of the pool" },
    user: { kind: "text", default: "stranger.x1", says: "its worker" },
  },
  plan: ({ at, rigs, url, user }) => ({
    lines: [line(at as number, undefined, rigs as string, "pool-hijack", { url, user })],
  }),
};
