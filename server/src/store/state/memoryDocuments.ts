import type { DocumentChange, DocumentStore, StoredDocument } from "./documents.js";
import type { StateStore } from "./state.js";

const keyOf = ({ kind, site, id }: Pick<StoredDocument, "kind" | "site" | "id">): string =>
  JSON.stringify([kind, site, id]);
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Documents that are forgotten with their process. */
export class MemoryDocuments implements DocumentStore {
  readonly #documents = new Map<string, StoredDocument>();
  readonly #records: Pick<StateStore, "putSite" | "putTariff" | "putFx">;

  /** `records` keeps what of sites is put with documents. */
  constructor(records: Pick<StateStore, "putSite" | "putTariff" | "putFx">) {
    this.#records = records;
  }

  async all(kind?: string): Promise<StoredDocument[]> {
    return [...this.#documents.values()]
      .filter((document) => kind === undefined || document.kind === kind)
      .sort((a, b) => order(a.kind, b.kind) || order(a.site, b.site) || order(a.id, b.id))
      .map((document) => structuredClone(document));
  }

  async change({ put = [], drop = [], sites = [], prices = [], fx = [] }: DocumentChange): Promise<void> {
    for (const key of drop) this.#documents.delete(keyOf(key));
    for (const document of put) this.#documents.set(keyOf(document), structuredClone(document));
    for (const site of sites) void this.#records.putSite(site);
    for (const price of prices) void this.#records.putTariff(price);
    for (const rate of fx) void this.#records.putFx(rate);
  }
}
