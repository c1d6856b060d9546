import { numberOf } from "../parameters.js";
import type { Action } from "./action.js";

export const powerOff: Action = {
  name: "power-off",
  says: "no power",
  parameters: {},
  apply({ given }) {
    given.supply = 0;
  },
};

export const brownOut: Action = {
  name: "brown-out",
  says: "the line voltage sags",
  parameters: {
    to: {
      kind: "number",
      default: 0.83,
      least: 0,
      most: 1.1,
      says: "voltage over the rated one; below 0.78 supplies give up",
    },
  },
  apply({ given }, values) {
    given.supply = Math.min(given.supply, numberOf(values, "to"));
  },
};

export const sleep: Action = {
  name: "sleep",
  says: "put to sleep by an operator, awake when it is over",
  parameters: {},
  apply({ given }) {
    given.asleep = true;
  },
};

export const powerLimit: Action = {
  name: "power-limit",
  says: "an operator limits the power at the wall",
  parameters: {
    watts: {
      kind: "number",
      default: 2500,
      least: 100,
      most: 20_000,
      unit: "W",
      says: "how much is allowed",
    },
  },
  apply({ given }, values) {
    given.powerLimitW = Math.min(given.powerLimitW ?? Number.POSITIVE_INFINITY, numberOf(values, "watts"));
  },
};
