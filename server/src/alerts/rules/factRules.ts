import type {
  AgentFacts,
  Facts,
  FactsKind,
  MarketFacts,
  PoolFacts,
  ServerFacts,
  SiteFacts,
} from "../facts.js";
import { agentSilent } from "./agentSilent.js";
import { carbonHigh } from "./carbonHigh.js";
import { clockSkew } from "./clockSkew.js";
import { demandPeak } from "./demandPeak.js";
import { difficultyStep } from "./difficultyStep.js";
import { diskFilling } from "./diskFilling.js";
import { inputsStale } from "./inputsStale.js";
import { poolDown } from "./poolDown.js";
import { poolLatency } from "./poolLatency.js";
import { priceNegative, priceSpike } from "./priceNegative.js";
import type { Rule } from "./rule.js";
import { siteOutage } from "./siteOutage.js";
import { spoolGrowing } from "./spoolGrowing.js";
import { storeDown } from "./storeDown.js";
import { unprofitableAhead } from "./unprofitableAhead.js";

const SITE: readonly Rule<SiteFacts>[] = [
  siteOutage,
  unprofitableAhead,
  priceSpike,
  priceNegative,
  demandPeak,
  carbonHigh,
  inputsStale,
];
const AGENT: readonly Rule<AgentFacts>[] = [agentSilent, spoolGrowing, clockSkew];
const SERVER: readonly Rule<ServerFacts>[] = [storeDown, diskFilling];
const POOL: readonly Rule<PoolFacts>[] = [poolDown, poolLatency];
const MARKET: readonly Rule<MarketFacts>[] = [difficultyStep];

/** Every alert rule of what is no rig, by the kind of facts that it judges. */
export const FACT_RULES = {
  site: SITE,
  agent: AGENT,
  server: SERVER,
  pool: POOL,
  market: MARKET,
} as unknown as Readonly<Record<FactsKind, readonly Rule<Facts>[]>>;
