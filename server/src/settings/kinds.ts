import { alertRuleKind } from "../alerts/custom/alertRule.js";
import { carbonContractSchema } from "../rates/carbon/contract.js";
import { overheadSchema } from "../rates/overhead/overhead.js";
import { poolAlgo, poolSchema } from "../rates/pools/pool.js";
import { datedKind } from "./datedKind.js";
import type { DocumentKind } from "./documentKind.js";
import { siteCostSchema } from "./siteCost.js";
import { tariffKind } from "./tariffKind.js";

/** A site may be at one pool for each algorithm at a time. */
export const poolKind = datedKind("pool", "pools", poolSchema, "poolFactor", { of: poolAlgo });
export const overheadKind = datedKind("overhead", "overhead", overheadSchema, "overhead");
/** Several contracts may hold at a time: each supplies its part. */
export const contractKind = datedKind("contract", "contracts", carbonContractSchema, "carbonMarket", {
  sameDay: true,
});
export const siteCostKind = datedKind("siteCost", "costs", siteCostSchema, "siteCost", { sameDay: true });

/** Every kind of document that the settings API, YAML and the checks know. One line adds one. */
export const DOCUMENT_KINDS = [
  tariffKind,
  poolKind,
  contractKind,
  overheadKind,
  siteCostKind,
  alertRuleKind,
] as readonly DocumentKind[];
