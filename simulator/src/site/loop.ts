import type { Cooling } from "../models.js";
import { REFERENCE_INLET_C } from "../physics/traits.js";

/** How much warmer than the air outside a dry cooler leaves the coolant at best. */
const APPROACH_K = 7;

/**
 * What a loop gives its rigs, °C: a valve keeps water and oil at what they are meant to have, as long as the air outside can take the
 * heat.
 */
export const supplyTempC = (cooling: Exclude<Cooling, "air">, outsideC: number): number =>
  Math.max(REFERENCE_INLET_C[cooling], outsideC + APPROACH_K);
