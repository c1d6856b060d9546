import { scheduler } from "node:timers/promises";
import type { RigView } from "../fleet/rigView.js";
import { ScopeSums } from "../fleet/totals.js";
import { headOf, lineOf, pairsOf, textOf } from "./family.js";
import { RIG_FAMILIES, RIG_LABELS } from "./rigFamilies.js";
import { MODEL_FAMILIES, type Scope, type ScopeFamily, SITE_FAMILIES } from "./scopeFamilies.js";
import { SERVER_FAMILIES } from "./serverFamilies.js";
import { type MetricsParts, serverState } from "./serverState.js";

/** Rigs that are added up, and lines that are written, between two turns of the event loop: well under a millisecond each. */
export const RIG_SLICE = 250;
export const LINE_SLICE = 500;

/** Every family there is, in the order of the text. Those of rigs come last, and only where they are asked for. */
export const FAMILIES = [...SERVER_FAMILIES, ...SITE_FAMILIES, ...MODEL_FAMILIES, ...RIG_FAMILIES];

/**
 * The metrics in Prometheus' text format, piece by piece: what is made at once stays small however many rigs there are,
 * the loop turns between two pieces, and a reader that takes no more has nothing made for it.
 */
export async function* exposition(
  parts: MetricsParts,
  { perRig }: { perRig: boolean },
): AsyncGenerator<string, void, undefined> {
  const views = [...parts.fleet.views()];
  const { sites, models } = await scopesOf(views, parts);
  const server = serverState(parts, sites);
  yield SERVER_FAMILIES.map((family) => textOf(family, family.points(server))).join("");
  await scheduler.yield();
  // A site without rigs has sums too: its counts are 0, and what is not measured is absent.
  for (const { site } of server.sites) if (!sites.has(site)) sites.set(site, new Group([site]));
  yield* scopes(SITE_FAMILIES, sites);
  yield* scopes(MODEL_FAMILIES, models);
  if (perRig) yield* rigs(views, parts);
}

/** Rigs of one site, or of one model of it. */
class Group {
  readonly #sums = new ScopeSums();
  #newestMs: number | null = null;

  constructor(readonly labels: readonly (string | undefined)[]) {}

  add(view: RigView, currency: string): void {
    // How many alerts fire is told by rule.
    this.#sums.add(view, currency, 0);
    const { receivedMs } = view;
    if (receivedMs !== undefined && (this.#newestMs === null || receivedMs > this.#newestMs))
      this.#newestMs = receivedMs;
  }

  scope(): Scope {
    return { ...this.#sums.totals(), newestMs: this.#newestMs };
  }
}

async function scopesOf(
  views: readonly RigView[],
  { sites: records }: MetricsParts,
): Promise<{ sites: Map<string, Group>; models: Map<string, Group> }> {
  const sites = new Map<string, Group>();
  const models = new Map<string, Group>();
  for (const [i, view] of views.entries()) {
    if (i > 0 && i % RIG_SLICE === 0) await scheduler.yield();
    const { site, evidence } = view.record;
    const currency = records.get(site)?.currency;
    if (currency === undefined) continue;
    groupOf(sites, site, [site]).add(view, currency);
    groupOf(models, `${site}\n${evidence.model ?? ""}`, [site, evidence.model]).add(view, currency);
  }
  return { sites, models };
}

function groupOf(groups: Map<string, Group>, key: string, labels: readonly (string | undefined)[]): Group {
  let group = groups.get(key);
  if (!group) {
    group = new Group(labels);
    groups.set(key, group);
  }
  return group;
}

async function* scopes(
  families: readonly ScopeFamily[],
  groups: ReadonlyMap<string, Group>,
): AsyncGenerator<string> {
  const all = [...groups.values()].map((group) => ({ group, scope: group.scope() }));
  for (const family of families) {
    let text = "";
    let lines = 0;
    for (const { group, scope } of all)
      for (const [value, ...labels] of family.points(scope)) {
        text += lineOf(family.name, pairsOf(family.labels, [...group.labels, ...labels]), value);
        if (++lines % LINE_SLICE === 0) await scheduler.yield();
      }
    if (text) yield headOf(family) + text;
    await scheduler.yield();
  }
}

async function* rigs(views: readonly RigView[], { sites: records }: MetricsParts): AsyncGenerator<string> {
  // Every family repeats the labels of every rig: written once, they are most of the work.
  const pairs: string[] = [];
  for (const [i, { rig, record }] of views.entries()) {
    if (i > 0 && i % LINE_SLICE === 0) await scheduler.yield();
    pairs.push(pairsOf(RIG_LABELS, [record.site, record.evidence.model, `r${rig}`]));
  }
  for (const family of RIG_FAMILIES) {
    const more = family.labels.slice(RIG_LABELS.length);
    let head = headOf(family);
    let text = "";
    for (let i = 0; i < views.length; i++) {
      const view = views[i]!;
      const value = family.value(view);
      if (value !== undefined) {
        const extra =
          family.more && pairsOf(more, [family.more(view, records.get(view.record.site)?.currency)]);
        text += lineOf(family.name, extra ? `${pairs[i]},${extra}` : pairs[i]!, value);
      }
      if ((i + 1) % LINE_SLICE !== 0 && i + 1 < views.length) continue;
      if (text) {
        yield head + text;
        head = "";
        text = "";
      }
      await scheduler.yield();
    }
  }
}
