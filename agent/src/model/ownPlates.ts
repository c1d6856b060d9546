import { type AddressRange, inRange } from "../discovery/targets.js";
import { isSameModel } from "./nameplates.js";
import type { OwnPlate } from "./power.js";

/** A nameplate of the config and whose it is: of all models, or all addresses, where one is absent. */
export interface PlateRule extends OwnPlate {
  model?: string | undefined;
  range?: AddressRange | undefined;
}

/** The first rule that fits a rig; undefined when none does. */
export const ownPlate = (
  rules: readonly PlateRule[],
  model: string | undefined,
  address: string,
): OwnPlate | undefined =>
  rules.find(
    (rule) =>
      (rule.model === undefined || (model !== undefined && isSameModel(rule.model, model))) &&
      (rule.range === undefined || inRange(rule.range, address)),
  );
