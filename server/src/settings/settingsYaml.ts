import { checked } from "@hashwatt/protocol/checked";
import {
  type SettingsImport,
  type SiteChange,
  type SiteSettings as SiteView,
  siteChangeSchema,
} from "@hashwatt/protocol/settings";
import { SLUG } from "@hashwatt/protocol/slug";
import { isMap, isSeq, LineCounter, type Node, parseDocument, stringify } from "yaml";
import { nearestName } from "../config/nearestName.js";
import { MAX_SITES } from "../sites.js";
import type { SiteRecord } from "../store/state/state.js";
import type { DocumentKind } from "./documentKind.js";
import type { NewDocument, Settings } from "./settings.js";
import { type SiteSettings, zoneProblem } from "./siteSettings.js";

/** The place of what is of no site. */
const EVERYWHERE = "*";
const FORMAT = 1;

type Problem = SettingsImport["errors"][number];

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
  errors: Problem[];
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
  const { documents, errors, lineOf } = read;
  const known = new Map(sites.list().map((site) => [site.site, site]));
  if (!errors.length) {
    const records = new Map<string, SiteRecord>();
    for (const [site, { gridRegion, gridYear, name, zone, currency, demo }] of read.sites)
      records.set(site, {
        ...{ site, name, zone, currency, demo },
        ...(gridRegion !== null && { gridRegion }),
        ...(gridYear !== null && { gridYear }),
      });
    for (const { kind, site, id, path, message } of settings.check(documents, [], records))
      errors.push({
        line: lineOf({ kind, site, id }, path),
        path: [kind, id, path].filter(Boolean).join(" "),
        message,
      });
    for (const [site, change] of read.sites)
      for (const message of [
        ...sites.problems(change),
        ...(await sites.currencyProblems(site, change, documents)),
      ])
        errors.push({ line: lineOf({ kind: "site", site, id: site }, ""), path: `sites.${site}`, message });
    const count = new Set([...known.keys(), ...read.sites.keys()]).size;
    if (count > Math.max(MAX_SITES, known.size))
      errors.push({
        line: null,
        path: "sites",
        message: `there may be ${MAX_SITES}, and these make ${count}`,
      });
  }
  if (errors.length) return { applied: false, changes: [], errors };
  const changes: SettingsImport["changes"] = [];
  const changed = new Map<string, SiteChange>();
  for (const [site, change] of read.sites) {
    const held = known.get(site);
    const same = held && isSame(held, change, sites.perUsd(change.currency));
    changes.push({ kind: "site", site, id: site, change: !held ? "added" : same ? "same" : "changed" });
    if (!same) changed.set(site, change);
  }
  for (const { kind, site, id, body } of documents) {
    const held = settings.has({ kind, site, id }) ? settings.get({ kind, site, id }).body : undefined;
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

function readSettings(text: string, settings: Settings): Read {
  const counter = new LineCounter();
  const whole = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: true });
  const errors: Problem[] = whole.errors.map(({ code, pos, message }) => ({
    line: counter.linePos(pos[0]).line,
    path: "",
    message:
      code === "MULTIPLE_DOCS" ? "a second document begins here (---); keep one" : message.split("\n", 1)[0]!,
  }));
  const sites = new Map<string, SiteChange>();
  const documents: NewDocument[] = [];
  const nodes = new Map<string, Node>();
  const lineAt = (node: unknown): number | null => {
    const range = (node as Node | null | undefined)?.range;
    return range ? counter.linePos(range[0]).line : null;
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
  const problem = (node: unknown, path: string, message: string) =>
    errors.push({ line: lineAt(node), path, message });
  const done = { sites, documents, errors, lineOf };
  if (errors.length) return done;
  if (!isMap(whole.contents)) {
    problem(whole.contents, "", "is no file of settings: it begins with hashwatt: 1");
    return done;
  }
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
    if (name === "hashwatt") {
      if (plain(value) !== FORMAT) problem(value, name, "must be 1; a later version has written this file");
    } else if (name === "sites") readSites(value);
    else {
      const kind = collections.get(name);
      const near = nearestName(name, ["sites", ...collections.keys()]);
      if (kind) readKind(kind, value);
      else
        problem(
          key,
          name,
          `is nothing that can be set${near === undefined ? "" : `; did you mean ${near}?`}`,
        );
    }
  }
  if (!whole.has("hashwatt"))
    problem(whole.contents, "hashwatt", "is missing: the file begins with hashwatt: 1");
  return done;

  function readSites(value: unknown): void {
    if (!isMap(value)) return void problem(value, "sites", "must be a list of sites by name");
    for (const { key, value: own } of value.items) {
      const site = String(key);
      const path = `sites.${site}`;
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

  function readKind({ kind, collection, perSite, idOf }: DocumentKind, value: unknown): void {
    if (!isMap(value))
      return void problem(
        value,
        collection,
        `must be by ${perSite === "never" ? `"${EVERYWHERE}"` : "site"}`,
      );
    for (const { key, value: list } of value.items) {
      const name = String(key);
      const path = `${collection}.${name}`;
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
