import type { ChangePreview } from "@hashwatt/protocol/settings";
import { ServerError } from "../error.js";
import type { SourceConfig } from "../rates/fetch/registry.js";
import type { Rates } from "../rates/rates.js";
import type { SiteTerms } from "../rates/siteTerms.js";
import { HOUR_MS } from "../rollup/row.js";
import type { SiteRecord, StateStore } from "../store/state/state.js";
import type { DocumentKind } from "./documentKind.js";
import { liveOf, termsKeyOf } from "./openSettings.js";
import { type NewDocument, type Settings, sentencesOf } from "./settings.js";

/** What a change is looked at with. */
export interface ChangeParts {
  rates: Rates;
  settings: Settings;
  sites: { get(site: string): SiteRecord | undefined };
  state: Pick<StateStore, "ledger">;
  /** Sources of the config. */
  sources: readonly SourceConfig[];
  clock: { nowMs(): number };
}

/** Documents of one kind and place that would be there, each in the place of one of its id, and ids of those that would be gone. */
export interface ProposedChange {
  kind: DocumentKind;
  /** "" = of the whole installation. */
  site: string;
  put: readonly Record<string, unknown>[];
  without: readonly string[];
}

type Range = Omit<ChangePreview["reprice"][number], "hours" | "rigHours">;

/**
 * Which hours of which sites a change of documents would price anew; nothing is changed. Throws ServerError `badRequest` with what is
 * wrong with a document, `notFound` for a site that is none.
 */
export async function changePreview(parts: ChangeParts, change: ProposedChange): Promise<ChangePreview> {
  const { settings, sites, clock } = parts;
  const { kind, site, put, without } = change;
  if (site !== "" && !sites.get(site))
    throw new ServerError("notFound", `There is no site "${site.slice(0, 64)}"; see /api/sites`);
  const documents = put.map(
    (body): NewDocument => ({ kind: kind.kind, site, id: String(body.id ?? ""), body }),
  );
  const gone = without.map((id) => ({ kind: kind.kind, site, id }));
  const defects = settings.check(documents, gone);
  if (defects.length) throw new ServerError("badRequest", sentencesOf(defects));
  const ranges = rangesOf(parts, change, documents, gone);
  const nowMs = clock.nowMs();
  return { reprice: await Promise.all(ranges.map((range) => counted(parts, range, nowMs))) };
}

function rangesOf(
  { rates, settings, sources, clock }: ChangeParts,
  { kind, site, without }: ProposedChange,
  documents: readonly NewDocument[],
  gone: readonly { kind: string; site: string; id: string }[],
): Range[] {
  const values = new Map(settings.values(kind, site).map(({ id, value }) => [id, value]));
  for (const id of without) values.delete(id);
  for (const { id, body } of documents) values.set(id, kind.schema.parse(body));
  const after = [...values.values()];
  if (kind.kind === "source") {
    const live = liveOf([...sources, ...(after as SourceConfig[])]);
    return rates.liveChange(live, clock.nowMs()).map(({ site: of, kind: input, range }) => ({
      ...{ site: of, input, ...range },
    }));
  }
  const key = termsKeyOf(kind);
  if (key) {
    const terms: SiteTerms = { ...rates.terms(site), [key]: after };
    return rates
      .termsChange(site, terms, clock.nowMs())
      .map(({ kind: input, range }) => ({ site, input, ...range }));
  }
  const before = (id: string) =>
    settings.has({ kind: kind.kind, site, id })
      ? settings.get({ kind: kind.kind, site, id }).body
      : undefined;
  return [
    ...documents.map((document) => ({ ...document, before: before(document.id), after: document.body })),
    ...gone.map((document) => ({ ...document, before: before(document.id), after: undefined })),
  ].flatMap(({ before: was, after: is, ...document }) =>
    JSON.stringify(was) === JSON.stringify(is)
      ? []
      : settings.touched({
          ...document,
          ...(was !== undefined && { before: was }),
          ...(is !== undefined && { after: is }),
        }),
  );
}

/** A range with how much of it the ledger has. */
async function counted(
  { state }: ChangeParts,
  { site, input, fromMs, toMs }: Range,
  nowMs: number,
): Promise<ChangePreview["reprice"][number]> {
  const end = toMs === null || !Number.isFinite(toMs) ? null : toMs;
  const common = { site, input, fromMs, toMs: end };
  const span = await state.ledger.span(site);
  if (!span) return { ...common, hours: 0, rigHours: 0 };
  const first = Math.floor(Math.max(fromMs, span.fromMs) / HOUR_MS) * HOUR_MS;
  const last = Math.ceil(Math.min(end ?? nowMs, span.toMs) / HOUR_MS) * HOUR_MS;
  if (last <= first) return { ...common, hours: 0, rigHours: 0 };
  const spans = await state.ledger.spans({ site, edges: [first], toMs: last });
  const rigMs = [...spans.values()].reduce((sum, ms) => sum + ms, 0);
  return { ...common, hours: (last - first) / HOUR_MS, rigHours: Math.round(rigMs / HOUR_MS) };
}
