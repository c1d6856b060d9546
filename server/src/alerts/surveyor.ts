import type { Input } from "@hashwatt/protocol/http";
import type { Agents } from "../agents.js";
import { earnedBy, isOldFigure, SHA256_NAMES } from "../economics/figures.js";
import type { Fleet } from "../fleet/fleet.js";
import { isReporting, type RigView } from "../fleet/rigView.js";
import type { RateSeries } from "../rates/rateSeries.js";
import type { Rates } from "../rates/rates.js";
import type { Sites } from "../sites.js";
import type { AlertBook } from "./book.js";
import { difficultyAhead } from "./difficultyAhead.js";
import type { Facts, ServerFacts, SiteFacts } from "./facts.js";
import { rigSubject } from "./judged.js";
import { PoolCensus } from "./poolCensus.js";
import { type PriceFacts, priceFacts } from "./priceFacts.js";
import type { RuleContext } from "./rules/rule.js";

/** How often it looks round. */
const EVERY_MS = 5_000;
/** A rig that has been silent for longer is no part of an outage that begins now. */
const LATELY_MS = 86_400_000;
const PRICES_MS = 60_000;

/** What the surveyor looks at. */
export interface SurveyorParts {
  fleet: Pick<Fleet, "views">;
  sites: Pick<Sites, "all">;
  agents: Pick<Agents, "views" | "silentMs">;
  rates: Pick<Rates, "now" | "slots">;
  series?: Pick<RateSeries, "slots" | "last"> | undefined;
  book: Pick<AlertBook, "survey" | "isMuted">;
  /** What a site's demand charge is about to become. */
  demand?(site: string): SiteFacts["demand"];
  store(): ServerFacts["store"];
  /** Room on the disk. */
  disk(): ServerFacts["disk"];
}

interface SiteSums {
  expected: number;
  answering: number;
  /** Algorithms of its rigs, by what tells what they earn. */
  mined: Set<string>;
  revenuePerH: number;
  kw: number;
}

/** Looks round every few seconds for what is true of whole sites, agents, pools, the server and the market. */
export class Surveyor {
  readonly #parts: SurveyorParts;
  readonly #prices = new Map<string, { atMs: number; facts: PriceFacts }>();
  readonly pools = new PoolCensus();
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: SurveyorParts) {
    this.#parts = parts;
  }

  /** Looks round where it is time for it, and has the book judge what it finds. */
  step(context: RuleContext): void {
    const { nowMs } = context;
    if (nowMs - this.#lookedMs < EVERY_MS) return;
    this.#lookedMs = nowMs;
    this.#parts.book.survey(this.#facts(context), context);
  }

  #facts(context: RuleContext): Facts[] {
    const { fleet, book } = this.#parts;
    const sites = new Map<string, SiteSums>();
    const rigsByAgent = new Map<string, number>();
    this.pools.begin();
    for (const view of fleet.views()) {
      const { site, agent } = view.record;
      let sums = sites.get(site);
      if (!sums) {
        sums = { expected: 0, answering: 0, mined: new Set(), revenuePerH: 0, kw: 0 };
        sites.set(site, sums);
      }
      addRig(sums, view, context, book.isMuted(view.rig));
      const key = `${site}/${agent}`;
      rigsByAgent.set(key, (rigsByAgent.get(key) ?? 0) + 1);
      if (isReporting(view)) this.pools.add(view, rigSubject(view));
      else this.pools.mention(view);
    }
    return [
      ...this.#siteFacts(sites, context),
      ...this.#agentFacts(rigsByAgent, context),
      ...this.pools.facts(context.nowMs),
      this.#server(),
      {
        kind: "market",
        id: "bitcoin",
        name: "Bitcoin",
        site: "",
        nextDifficulty: this.#parts.series && difficultyAhead(this.#parts.series, context.nowMs),
      },
    ];
  }

  *#siteFacts(sums: ReadonlyMap<string, SiteSums>, { nowMs, heardSinceMs }: RuleContext): Iterable<Facts> {
    const { sites, rates } = this.#parts;
    for (const { site, name, zone, currency, demo } of sites.all()) {
      const its = sums.get(site);
      // A site without rigs has nothing to lose.
      if (!its) continue;
      yield {
        kind: "site",
        id: site,
        name,
        site,
        zone,
        currency,
        demo,
        expected: its.expected,
        answering: its.answering,
        heardSinceMs,
        breakEvenPerKwh: its.kw > 0 ? its.revenuePerH / its.kw : undefined,
        miningW: its.kw * 1_000,
        inputs: rates.now(site, nowMs).inputs.filter((input) => restsOn(input, its)),
        demand: this.#parts.demand?.(site),
        ...this.#pricesOf(site, nowMs),
      };
    }
  }

  #pricesOf(site: string, nowMs: number): PriceFacts {
    const known = this.#prices.get(site);
    if (known && nowMs - known.atMs < PRICES_MS && nowMs >= known.atMs) return known.facts;
    const facts = priceFacts(this.#parts.rates, site, nowMs, known?.facts);
    this.#prices.set(site, { atMs: nowMs, facts });
    return facts;
  }

  #agentFacts(rigs: ReadonlyMap<string, number>, { nowMs, heardSinceMs }: RuleContext): Facts[] {
    const { agents } = this.#parts;
    return agents.views(nowMs).map((view) => {
      const id = `${view.site}/${view.agent}`;
      const heardMs = Number.isFinite(heardSinceMs) ? Math.max(0, nowMs - heardSinceMs) : undefined;
      return {
        kind: "agent",
        id,
        name: view.agent,
        site: view.site,
        view,
        silentMs: agents.silentMs(view, nowMs) ?? heardMs,
        rigs: rigs.get(id) ?? 0,
        heardSinceMs,
      };
    });
  }

  #server(): ServerFacts {
    const { store, disk } = this.#parts;
    return { kind: "server", id: "server", name: "server", site: "", store: store(), disk: disk() };
  }
}

/** Whether a site's figures rest on an input: a hashprice that none of its rigs earns by is no concern of it. */
const restsOn = ({ kind, algo }: Input, { mined }: SiteSums): boolean =>
  kind !== "hashprice" || mined.has(earnedBy(algo ?? SHA256_NAMES[0]));

function addRig(sums: SiteSums, view: RigView, context: RuleContext, isMuted: boolean): void {
  const { algo, answeredMs, figures, reading } = view;
  if (algo !== undefined) sums.mined.add(earnedBy(algo));
  const answers = isReporting(view);
  if (answers && reading!.status === "mining" && figures.revenuePerH !== undefined && reading!.powerW) {
    const rates = context.rates(view.record.site);
    if (rates.demo || !isOldFigure(algo, rates)) {
      sums.revenuePerH += figures.revenuePerH;
      sums.kw += reading!.powerW / 1_000;
    }
  }
  if (isMuted || answeredMs === undefined || context.nowMs - answeredMs > LATELY_MS) return;
  if (context.stop?.(view)) return;
  sums.expected++;
  if (answers) sums.answering++;
}
