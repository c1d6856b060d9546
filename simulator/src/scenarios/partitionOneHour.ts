import { at, HOUR, lasts, line, MINUTE, rigs, type Scenario } from "./scenario.js";

export const partitionOneHour: Scenario = {
  name: "partition-one-hour",
  says: "the network between agent and rigs is cut for an hour; the rigs hash on",
  parameters: { at: at(2 * MINUTE), for: lasts(HOUR), rigs: rigs("all") },
  plan: ({ at, for: lastsMs, rigs }) => ({
    lines: [line(at as number, lastsMs as number, rigs as string, "partition")],
  }),
};
