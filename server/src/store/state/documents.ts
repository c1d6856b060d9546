import type { FxRecord, SiteRecord, TariffRecord } from "./state.js";

/** Something that an operator edits while the server runs. `site` is "" for what is of the whole installation. */
export interface StoredDocument {
  /** What it is, e.g. `tariff`; which schema its body has follows from it. */
  kind: string;
  site: string;
  /** Unique among the documents of its kind and site. */
  id: string;
  /** JSON, as its kind's schema has it. */
  body: unknown;
  /** When it was last put. */
  changedMs: number;
}

/** What is to become of documents, and of records of sites with them; `drop` comes first. */
export interface DocumentChange {
  put?: readonly StoredDocument[];
  drop?: readonly Pick<StoredDocument, "kind" | "site" | "id">[];
  sites?: readonly SiteRecord[];
  prices?: readonly TariffRecord[];
  fx?: readonly FxRecord[];
}

/** Documents of every kind. */
export interface DocumentStore {
  /** By kind, site and id; of one kind where it is named. */
  all(kind?: string): Promise<StoredDocument[]>;
  /** Replaces by kind, site and id (records by their keys), and drops; all of it or nothing, committed when it resolves. */
  change(change: DocumentChange): Promise<void>;
}
