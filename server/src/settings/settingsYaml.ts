import { checked } from "@hashwatt/protocol/checked";
import {
  type SettingsImport,
  type SiteChange,
  type SiteSettings as SiteView,
  siteChangeSchema,
} from "@hashwatt/protocol/settings";
import { SLUG } from "@hashwatt/protocol/slug";
import { isMap, isSeq, type LineCounter, type Node, stringify } from "yaml";
import { nearestName } from "../config/nearestName.js";
import { MAX_SITES } from "../sites.js";
import type { SiteRecord } from "../store/state/state.js";
import type { DocumentKind } from "./documentKind.js";
import { FileProblems, onlyTooMany } from "./fileProblems.js";
import { readYaml } from "./readYaml.js";
import type { NewDocument, Settings } from "./settings.js";
import { type SiteSettings, zoneProblem } from "./siteSettings.js";

/** The place of what is of no site. */
const EVERYWHERE = "*";
const FORMAT = 1;
/** No site has a longer name; of one that is none so much is said. */
const LONGEST_NAME = 64;

/** Whether a change of a site says nothing new; a price and a rate are as they were set last. */
const isSame = (held: SiteView, change: SiteChange, perUsd: number | undefined): boolean => {
  const price = held.prices.at(-1);
  return (
    (["name", "zone", "currency", "gridRegion", "gridYear", "demo"] as const).every(
      (key) => held[key] === change[key],
    ) &&
    (change.price === undefined ||
      (change.price === price?.pricePerKwh && change.currency === price.currency)) &&
    (change.fxPerUsd === undefined || change.fxPerUsd === perUsd)
  );
};

/** All settings as YAML, which {@link importSettings} reads back; secrets read `***`. */
export function exportSettings(settings: Settings, sites: SiteSettings): string {
  const whole: Record<string, unknown> = { hashwatt: FORMAT };
  whole.sites = Object.fromEntries(
    sites.list().map(({ site, name, zone, currency, gridRegion, gridYear, demo, prices }) => {
      // The price of a simulated fleet is invented, and is no site's that the file goes to.
      const price = demo ? undefined : prices.at(-1);
      const perUsd = sites.perUsd(currency);
      return [
        site,
        {
          ...{
            name,
            zone,
            currency,
            gridRegion,
            ...(gridYear !== null && { gridYear }),
            ...(demo && { demo }),
          },
          ...(price?.currency === currency && { price: price.pricePerKwh }),
          ...(perUsd !== undefined && { fxPerUsd: perUsd }),
        },
      ];
    }),
  );
  for (const kind of settings.kinds.values()) {
    const bySite: Record<string, unknown[]> = {};
    for (const { site, id, body } of settings.list(kind)) {
      bySite[site || EVERYWHERE] ??= [];
      bySite[site || EVERYWHERE]!.push(kind.idOf ? body : { id, ...(body as object) });
    }
    if (Object.keys(bySite).length) whole[kind.collection] = bySite;
  }
  return stringify(whole, { lineWidth: 120, aliasDuplicateObjects: false });
}

/** What a file of settings says, with the line of each. */
interface Read {
  sites: Map<string, SiteChange>;
  documents: NewDocument[];
  problems: FileProblems;
  /** The line of a key within what stands for a document. */
  lineOf(key: { kind: string; site: string; id: string }, path: string): number | null;
}

/**
 * Adds and changes what a YAML file says, and leaves the rest. `says` hears of each kind of document in it, and throws where that may not be. With a single error nothing is taken; each names line, key and reason. A dry
 * run changes nothing.
 */
export async function importSettings(
  text: string,
  settings: Settings,
  sites: SiteSettings,
  { dryRun, says = () => undefined }: { dryRun: boolean; says?: (kind: DocumentKind) => void },
): Promise<SettingsImport> {
  const read = readSettings(text, settings);
  for (const kind of new Set(read.documents.map(({ kind }) => kind))) says(settings.kinds.get(kind)!);
  const { documents, problems } = read;
  const known = new Map(sites.list().map((site) => [site.site, site]));
  if (!problems.list.length) await checkRead(read, settings, sites, known).catch(onlyTooMany);
  if (problems.list.length) return { applied: false, changes: [], errors: problems.list };
  const changes: SettingsImport["changes"] = [];
  const changed = new Map<string, SiteChange>();
  for (const [site, change] of read.sites) {
    const held = known.get(site);
    const same = held && isSame(held, change, sites.perUsd(change.currency));
    changes.push({ kind: "site", site, id: site, change: !held ? "added" : same ? "same" : "changed" });
    if (!same) changed.set(site, change);
  }
  for (const { kind, site, id, body } of documents) {
    const held = settings.bodyOf({ kind, site, id });
    const change =
      held === undefined ? "added" : JSON.stringify(held) === JSON.stringify(body) ? "same" : "changed";
    changes.push({ kind, site, id, change });
  }
  if (!dryRun)
    await sites.putAll(
      changed,
      documents.filter((_, i) => changes[read.sites.size + i]!.change !== "same"),
    );
  return { applied: !dryRun, changes, errors: [] };
}

/** Looks at what was read beside what there is. Rejects with {@link TooManyProblems}. */
async function checkRead(
  { sites: read, documents, problems, lineOf }: Read,
  settings: Settings,
  sites: SiteSettings,
  known: ReadonlyMap<string, SiteView>,
): Promise<void> {
  const count = new Set([...known.keys(), ...read.keys()]).size;
  if (count > Math.max(MAX_SITES, known.size))
    return problems.add(null, "sites", `there may be ${MAX_SITES}, and these make ${count}`);
  const records = new Map<string, SiteRecord>();
  for (const [site, { gridRegion, gridYear, name, zone, currency, demo }] of read)
    records.set(site, {
      ...{ site, name, zone, currency, demo },
      ...(gridRegion !== null && { gridRegion }),
      ...(gridYear !== null && { gridYear }),
    });
  for (const { kind, site, id, path, message } of settings.check(documents, [], records))
    problems.add(lineOf({ kind, site, id }, path), [kind, id, path].filter(Boolean).join(" "), message);
  for (const [site, change] of read)
    for (const message of [
      ...sites.problems(change),
      ...(await sites.currencyProblems(site, change, documents)),
    ])
      problems.add(lineOf({ kind: "site", site, id: site }, ""), `sites.${site}`, message);
}

function readSettings(text: string, settings: Settings): Read {
  const problems = new FileProblems();
  const sites = new Map<string, SiteChange>();
  const documents: NewDocument[] = [];
  const nodes = new Map<string, Node>();
  let lines: LineCounter | undefined;
  const lineAt = (node: unknown): number | null => {
    const range = (node as Node | null | undefined)?.range;
    return range && lines ? lines.linePos(range[0]).line : null;
  };
  const lineOf: Read["lineOf"] = ({ kind, site, id }, path) => {
    let node: unknown = nodes.get(`${kind} ${site} ${id}`);
    let line = lineAt(node);
    for (const part of path.split(/[.[\]]+/).filter(Boolean)) {
      node = isMap(node) ? node.get(part, true) : isSeq(node) ? node.get(Number(part), true) : undefined;
      line = lineAt(node) ?? line;
    }
    return line;
  };
  const problem = (node: unknown, path: string, message: string) => problems.add(lineAt(node), path, message);
  try {
    readAll();
  } catch (error) {
    onlyTooMany(error);
  }
  return { sites, documents, problems, lineOf };

  function readAll(): void {
    const { document: whole, lines: counter } = readYaml(text, problems);
    lines = counter;
    if (problems.list.length) return;
    if (!isMap(whole.contents))
      return void problem(whole.contents, "", "is no file of settings: it begins with hashwatt: 1");
    const plain = (node: unknown): unknown => {
      try {
        return (node as Node).toJS(whole, { maxAliasCount: 0 });
      } catch {
        problem(node, "", "an alias stands for another part; write it out");
        return undefined;
      }
    };
    const collections = new Map([...settings.kinds.values()].map((kind) => [kind.collection, kind]));
    for (const { key, value } of whole.contents.items) {
      const name = String(key);
      const kind = collections.get(name);
      if (name === "hashwatt") {
        if (plain(value) !== FORMAT) problem(value, name, "must be 1; a later version has written this file");
      } else if (name === "sites") readSites(value, plain);
      else if (kind) readKind(kind, value, plain);
      else {
        const near = nearestName(name, ["sites", ...collections.keys()]);
        problem(
          key,
          name.slice(0, LONGEST_NAME),
          `is nothing that can be set${near === undefined ? "" : `; did you mean ${near}?`}`,
        );
      }
    }
    if (!whole.has("hashwatt"))
      problem(whole.contents, "hashwatt", "is missing: the file begins with hashwatt: 1");
  }

  function readSites(value: unknown, plain: (node: unknown) => unknown): void {
    if (!isMap(value)) return void problem(value, "sites", "must be a list of sites by name");
    for (const { key, value: own } of value.items) {
      const site = String(key);
      const path = `sites.${site.slice(0, LONGEST_NAME)}`;
      if (!SLUG.test(site)) problem(key, path, "must be a name of a–z, 0–9 and hyphens, at most 64");
      const parsed = checked(siteChangeSchema, plain(own));
      nodes.set(`site ${site} ${site}`, own as Node);
      if (parsed.success) {
        const wrong = zoneProblem(parsed.data.zone);
        if (wrong === undefined) sites.set(site, parsed.data);
        else problem(isMap(own) ? own.get("zone", true) : own, `${path}.zone`, wrong);
      } else
        for (const { path: at, message } of parsed.error.issues)
          problem(
            isMap(own) && at[0] ? (own.get(at[0], true) ?? own) : own,
            [path, ...at].join("."),
            message,
          );
    }
  }

  function readKind(
    { kind, collection, perSite, idOf }: DocumentKind,
    value: unknown,
    plain: (node: unknown) => unknown,
  ): void {
    if (!isMap(value))
      return void problem(
        value,
        collection,
        `must be by ${perSite === "never" ? `"${EVERYWHERE}"` : "site"}`,
      );
    for (const { key, value: list } of value.items) {
      const name = String(key);
      const path = `${collection}.${name.slice(0, LONGEST_NAME)}`;
      if (name.length > LONGEST_NAME) {
        problem(key, path, `there is no site "${name.slice(0, LONGEST_NAME)}"`);
        continue;
      }
      if (!isSeq(list)) {
        problem(list ?? key, path, "must be a list");
        continue;
      }
      for (const [i, node] of list.items.entries()) {
        const body = plain(node) as Record<string, unknown> | undefined;
        if (typeof body?.id !== "string") {
          problem(node, `${path}[${i}].id`, "is missing");
          continue;
        }
        const { id, ...rest } = body as { id: string };
        const site = name === EVERYWHERE ? "" : name;
        if (nodes.has(`${kind} ${site} ${id}`)) problem(node, `${path}[${i}].id`, `"${id}" is there twice`);
        nodes.set(`${kind} ${site} ${id}`, node as Node);
        documents.push({ kind, site, id, body: idOf ? body : rest });
      }
    }
  }
}
