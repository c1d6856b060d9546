import { checked } from "@hashwatt/protocol/checked";
import type { RepriceRange, Setting, SettingChanged } from "@hashwatt/protocol/settings";
import { nearestName } from "../config/nearestName.js";
import { ServerError } from "../error.js";
import type { DocumentChange, StoredDocument } from "../store/state/documents.js";
import type { SiteRecord, StateStore } from "../store/state/state.js";
import { documentGroups, groupOf } from "./documentGroups.js";
import type { Defect, DocumentKind, Parsed } from "./documentKind.js";
import { parseDocuments } from "./parseDocuments.js";
import { isMasked, masked, unmasked } from "./secretKeys.js";

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** Documents of one kind and site. */
const MAX_DOCUMENTS = 1_000;
const MAX_BYTES = 256 * 1024;
/** Mistakes that one message names. */
const MOST_SAID = 5;

/** Which document. */
export type DocumentKey = Pick<StoredDocument, "kind" | "site" | "id">;
/** A document that is to be kept. */
export type NewDocument = DocumentKey & { body: unknown };
/** Records of sites that are kept with a change of documents. `kept` takes them up, before anybody hears of the documents. */
export interface SiteChanges extends Required<Pick<DocumentChange, "sites" | "prices" | "fx">> {
  kept(): void;
}
/** What has become of a document; absent before or after where there was or is none. */
export interface DocumentChanged extends DocumentKey {
  before?: unknown;
  after?: unknown;
}

/** What settings are made with. */
export interface SettingsParts {
  documents: StateStore["documents"];
  kinds: readonly DocumentKind[];
  site(site: string): SiteRecord | undefined;
  clock: { nowMs(): number };
}

const keyOf = (key: DocumentKey): string => `${groupOf(key)}\n${key.id}`;

/**
 * What the operator edits while the server runs: documents of every kind, checked by their kind before they are kept, all of a
 * change or nothing. A document that the rules of this version refuse counts for nothing and says so.
 */
export class Settings {
  readonly kinds: ReadonlyMap<string, DocumentKind>;
  readonly #parts: SettingsParts;
  readonly #documents = new Map<string, StoredDocument>();
  readonly #listeners: ((changes: readonly DocumentChanged[]) => void)[] = [];
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(parts: SettingsParts) {
    this.#parts = parts;
    this.kinds = new Map(parts.kinds.map((kind) => [kind.kind, kind]));
  }

  static async open(parts: SettingsParts): Promise<Settings> {
    const settings = new Settings(parts);
    // Documents of other kinds are somebody else's to read and to change.
    for (const document of await parts.documents.all())
      if (settings.kinds.has(document.kind)) settings.#documents.set(keyOf(document), document);
    return settings;
  }

  /** Hears of changes once they are kept. */
  onChange(listener: (changes: readonly DocumentChanged[]) => void): void {
    this.#listeners.push(listener);
  }

  /** The kind of that name or collection. Throws ServerError `notFound`. */
  kindOf(name: string): DocumentKind {
    const all = [...this.kinds.values()];
    const kind = all.find((each) => each.collection === name || each.kind === name);
    if (kind) return kind;
    const names = all.map(({ collection }) => collection);
    const near = nearestName(name, names);
    throw new ServerError(
      "notFound",
      `There are no settings "${name.slice(0, 64)}"; ${near === undefined ? `there are ${names.join(", ")}` : `did you mean ${near}?`}`,
    );
  }

  /** Every document of the kinds known here, as it is kept: its secrets are readable. */
  all(): readonly StoredDocument[] {
    return [...this.#documents.values()];
  }

  has(key: DocumentKey): boolean {
    return this.#documents.has(keyOf(key));
  }

  /** The body of a document, secrets as `***`; undefined where there is none. What holds of it is not looked at. */
  bodyOf(key: DocumentKey): unknown {
    const document = this.#documents.get(keyOf(key));
    return document && masked(document.body, this.kinds.get(key.kind)?.secrets ?? []);
  }

  /** Documents of a kind by site and id, of one site where it is named; secrets as `***`. */
  list(kind: DocumentKind, site?: string): Setting[] {
    const sites = new Set(this.#of(kind.kind, site).map((document) => document.site));
    return [...sites].flatMap((own) => {
      const documents = this.#of(kind.kind, own);
      const { defects } = parseDocuments(kind, documents, this.#parts.site(own));
      return documents.map((document) => this.#told(document, defects));
    });
  }

  /** One document, secrets as `***`. Throws ServerError `notFound`. */
  get(key: DocumentKey): Setting {
    const document = this.#existing(key);
    const kind = this.kinds.get(key.kind)!;
    const { defects } = parseDocuments(kind, this.#of(key.kind, key.site), this.#parts.site(key.site));
    return this.#told(document, defects);
  }

  /** The documents of a kind and site that hold together, by id; what is wrong counts for nothing. */
  values<T>(kind: DocumentKind<T>, site: string): Parsed<T>[] {
    const { parsed, defects } = parseDocuments(kind, this.#of(kind.kind, site), this.#parts.site(site));
    const wrong = new Set(defects.map(({ id }) => id));
    return parsed.filter(({ id }) => !wrong.has(id));
  }

  /**
   * What is wrong with documents, were they kept and others dropped; and whether a site's record may become another. What is
   * wrong already is no hindrance.
   */
  check(
    put: readonly NewDocument[],
    drop: readonly DocumentKey[] = [],
    sites: ReadonlyMap<string, SiteRecord> = new Map(),
  ): Defect[] {
    const defects = put.flatMap((document) => this.#misplaced(document, sites) ?? []);
    if (defects.length) return defects;
    const after = new Map(this.#documents);
    for (const key of drop) after.delete(keyOf(key));
    for (const document of put)
      after.set(keyOf(document), { ...document, body: this.#whole(document), changedMs: 0 });
    const groups = new Map<string, { kind: DocumentKind; site: string }>();
    for (const { kind, site } of [...put, ...drop])
      groups.set(groupOf({ kind, site }), { kind: this.kinds.get(kind)!, site });
    for (const site of sites.keys())
      for (const kind of this.kinds.values()) groups.set(groupOf({ kind: kind.kind, site }), { kind, site });
    const anew = new Set(put.map(keyOf));
    const [before, then] = [documentGroups(this.#documents.values()), documentGroups(after.values())];
    for (const [group, { kind, site }] of groups) {
      const record = this.#parts.site(site);
      const documents = then.get(group) ?? [];
      // So many are not looked at: what holds among them is found by pairs.
      if (documents.length > MAX_DOCUMENTS) {
        const message = `there may be ${MAX_DOCUMENTS} at most; take out what has ended`;
        defects.push({ ...{ kind: kind.kind, site, id: "", path: "" }, message });
        continue;
      }
      const known = new Set(parseDocuments(kind, before.get(group) ?? [], record).defects.map(saidOf));
      const found = parseDocuments(kind, documents, sites.get(site) ?? record).defects;
      for (const defect of found)
        if (anew.has(keyOf(defect)) || !known.has(saidOf(defect))) defects.push(defect);
    }
    return defects;
  }

  /**
   * Keeps documents and drops others, and records of `sites` with them: all of it or nothing. `etag` is that of the one document that is
   * changed, as it was read; `refuse` is asked in its turn, when nothing else can change any more, and throws. Throws ServerError
   * `badRequest` with what is wrong, `conflict` where the document is another than that by now.
   */
  change(
    put: readonly NewDocument[],
    drop: readonly DocumentKey[] = [],
    {
      etag,
      create,
      sites,
      refuse,
    }: {
      etag?: string | undefined;
      create?: boolean;
      sites?: SiteChanges;
      refuse?: (() => void | Promise<void>) | undefined;
    } = {},
  ): Promise<RepriceRange[]> {
    const done = this.#tail.then(async () => {
      await refuse?.();
      const [only] = [...put, ...drop];
      const held = only && this.#documents.get(keyOf(only));
      if (etag !== undefined && (!held || etagOf(held) !== etag))
        throw new ServerError(
          "conflict",
          held ? "it was changed meanwhile: read it again and change that" : "it is gone meanwhile",
        );
      if (create && held) throw new ServerError("conflict", `"${only.id}" is there already: name another id`);
      for (const key of drop) this.#existing(key);
      const defects = this.check(put, drop, new Map(sites?.sites.map((record) => [record.site, record])));
      if (defects.length) throw new ServerError("badRequest", sentencesOf(defects));
      const nowMs = this.#parts.clock.nowMs();
      const kept = put.map((document): StoredDocument => {
        const before = this.#documents.get(keyOf(document))?.changedMs ?? 0;
        const { kind, site, id } = document;
        return { kind, site, id, body: this.#whole(document), changedMs: Math.max(nowMs, before + 1) };
      });
      await this.#parts.documents.change({
        ...{ put: kept, drop },
        ...(sites && { sites: sites.sites, prices: sites.prices, fx: sites.fx }),
      });
      sites?.kept();
      return this.#apply(kept, drop);
    });
    this.#tail = done.catch(() => undefined);
    return done;
  }

  /** Puts one document. */
  async put(
    document: NewDocument,
    condition: { etag?: string | undefined; create?: boolean } = {},
  ): Promise<SettingChanged> {
    const reprice = await this.change([document], [], condition);
    return { setting: this.get(document), reprice };
  }

  #apply(kept: readonly StoredDocument[], drop: readonly DocumentKey[]): RepriceRange[] {
    const changes: DocumentChanged[] = [];
    const take = ({ kind, site, id }: DocumentKey, after: StoredDocument | undefined) => {
      const before = this.#documents.get(keyOf({ kind, site, id }));
      if (after) this.#documents.set(keyOf(after), after);
      else this.#documents.delete(keyOf({ kind, site, id }));
      if (JSON.stringify(before?.body) === JSON.stringify(after?.body)) return;
      changes.push({
        ...{ kind, site, id },
        ...(before && { before: before.body }),
        ...(after && { after: after.body }),
      });
    };
    for (const key of drop) take(key, undefined);
    for (const document of kept) take(document, document);
    const reprice = changes.flatMap((change) => this.touched(change));
    if (changes.length) for (const listener of this.#listeners) listener(changes);
    return reprice;
  }

  /** Which figures rest on a document that has changed. */
  touched({ kind, site, before, after }: DocumentChanged): RepriceRange[] {
    const own = this.kinds.get(kind);
    const record = this.#parts.site(site);
    if (!own?.touches || !record) return [];
    const parsed = (body: unknown) => (body === undefined ? undefined : checked(own.schema, body).data);
    const change = { before: parsed(before), after: parsed(after) };
    if (change.before === undefined && change.after === undefined) return [];
    return own.touches(change, record).map((range) => ({ site, ...range }));
  }

  #of(kind: string, site?: string): StoredDocument[] {
    return [...this.#documents.values()]
      .filter((each) => each.kind === kind && (site === undefined || each.site === site))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  #existing(key: DocumentKey): StoredDocument {
    const held = this.#documents.get(keyOf(key));
    if (held) return held;
    const where = key.site === "" ? "" : ` of site ${key.site.slice(0, 64)}`;
    throw new ServerError("notFound", `There is no ${key.kind} "${key.id.slice(0, 64)}"${where}`);
  }

  /** The body of a new document, with the secrets that it leaves as they are. */
  #whole(document: NewDocument): unknown {
    const kind = this.kinds.get(document.kind);
    return unmasked(document.body, this.#documents.get(keyOf(document))?.body, kind?.secrets ?? []);
  }

  #told(document: StoredDocument, defects: readonly Defect[]): Setting {
    const kind = this.kinds.get(document.kind);
    const problems = defects.filter(({ id }) => id === document.id).map(withPath);
    return {
      ...document,
      body: masked(document.body, kind?.secrets ?? []),
      etag: etagOf(document),
      ...(problems.length && { problems }),
    };
  }

  /** What is wrong with a document before its body is looked at. */
  #misplaced(document: NewDocument, sites: ReadonlyMap<string, SiteRecord>): Defect | undefined {
    const { site, id } = document;
    const wrong = (path: string, message: string): Defect => ({ ...key(document), path, message });
    const kind = this.kinds.get(document.kind);
    if (!kind) return wrong("", `there is no kind "${document.kind}"`);
    if (kind.perSite === "always" && site === "")
      return wrong("", "belongs to a site: say which with ?site=");
    if (kind.perSite === "never" && site !== "") return wrong("", "belongs to no site: leave ?site= out");
    if (site !== "" && !sites.has(site) && !this.#parts.site(site))
      return wrong("", `there is no site "${site.slice(0, 64)}"`);
    if (!ID.test(id)) return wrong("id", "must be a name of a–z, 0–9, dots and hyphens, at most 64");
    const body = this.#whole(document);
    if (JSON.stringify(body)?.length > MAX_BYTES) return wrong("", "is longer than 256 kB");
    const secret = kind.secrets?.find((name) => isMasked(body, name));
    return secret === undefined ? undefined : wrong(secret, "is *** and there is none to keep; say it");
  }
}

const key = ({ kind, site, id }: DocumentKey): DocumentKey => ({ kind, site, id });
const etagOf = ({ changedMs }: StoredDocument): string => `"${changedMs}"`;
const saidOf = ({ id, path, message }: Defect): string => `${id}\n${path}\n${message}`;
const withPath = ({ path, message }: Pick<Defect, "path" | "message">): string =>
  path === "" ? message : `${path}: ${message}`;
/** What is wrong, as much of it as one reads: each begins with its key. */
export const sentencesOf = (defects: readonly Defect[]): string => {
  const said = [...new Set(defects.map(sentenceOf))];
  const more = said.length > MOST_SAID ? [`and ${said.length - MOST_SAID} more`] : [];
  return [...said.slice(0, MOST_SAID), ...more].join("; ");
};

/** A defect as a sentence that begins with its key. */
export const sentenceOf = ({ kind, id, ...rest }: Defect): string => `${kind} ${id}: ${withPath(rest)}`;
