import type { SiteRecord } from "./store/state/state.js";

/** Sites that there may be: a hostile topic must not fill the database with those that batches bring along. */
export const MAX_SITES = 256;

/** The sites, those of the config and those that batches have named. Pure: the caller commits what `takeDirty` returns. */
export class Sites {
  readonly #records = new Map<string, SiteRecord>();
  readonly #dirty = new Set<string>();
  readonly #onNew: (site: SiteRecord) => void;

  /** `onNew` hears of every site that a batch brings along. */
  constructor(records: readonly SiteRecord[], onNew: (site: SiteRecord) => void) {
    for (const record of records) this.#records.set(record.site, record);
    this.#onNew = onNew;
  }

  get(site: string): SiteRecord | undefined {
    return this.#records.get(site);
  }

  all(): IterableIterator<SiteRecord> {
    return this.#records.values();
  }

  /** Makes a site known or replaces what is known of it; whose record is committed already. False where there are too many. */
  put(record: SiteRecord): boolean {
    if (!this.#records.has(record.site) && this.#records.size >= MAX_SITES) return false;
    this.#records.set(record.site, record);
    this.#dirty.delete(record.site);
    return true;
  }

  /** Forgets a site. */
  remove(site: string): void {
    this.#records.delete(site);
    this.#dirty.delete(site);
  }

  /** The site of that slug, made with defaults (UTC, USD, no price) where nobody knows it; undefined when there are too many. */
  ensure(site: string): SiteRecord | undefined {
    const known = this.#records.get(site);
    if (known) return known;
    if (this.#records.size >= MAX_SITES) return undefined;
    const record: SiteRecord = { site, name: site, zone: "UTC", currency: "USD", demo: false };
    this.#records.set(site, record);
    this.#dirty.add(site);
    this.#onNew(record);
    return record;
  }

  /** Sites to be committed. */
  takeDirty(): SiteRecord[] {
    const records = [...this.#dirty].map((site) => this.#records.get(site)!);
    this.#dirty.clear();
    return records;
  }

  /** Marks sites as not committed after all. */
  putBack(records: readonly SiteRecord[]): void {
    for (const { site } of records) this.#dirty.add(site);
  }
}
