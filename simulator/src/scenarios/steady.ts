import type { Scenario } from "./scenario.js";

export const steady: Scenario = {
  name: "steady",
  says: "a sound fleet in an air-conditioned hall; values move as in life, nothing happens",
  parameters: {},
  plan: () => ({}),
};
