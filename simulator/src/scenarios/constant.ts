import type { Scenario } from "./scenario.js";

export const constant: Scenario = {
  name: "constant",
  says: "nothing moves: no noise, no weather, shares like clockwork; for comparing numbers",
  parameters: {},
  plan: () => ({ noise: 0, hall: { weather: 0 } }),
};
