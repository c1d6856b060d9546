import type { RepriceRange } from "@hashwatt/protocol/settings";
import type { z } from "zod";
import type { Role } from "../access/role.js";
import type { SiteRecord } from "../store/state/state.js";

/** Something wrong with a document. `path` is the key in its body, "" = the whole of it. */
export interface Defect {
  kind: string;
  site: string;
  id: string;
  path: string;
  message: string;
}

/** A document whose body has the shape of its kind. */
export interface Parsed<T> {
  id: string;
  value: T;
}

/** What a kind's own checks may look at. `site` is undefined for what is of the whole installation. */
export interface CheckContext {
  site: SiteRecord | undefined;
}

/**
 * One kind of document: its schema, its place in the API and in YAML, and what holds beyond the shape. A new kind is a file
 * that exports one, and a line in `kinds.ts`.
 */
export interface DocumentKind<T = unknown> {
  /** As stored, e.g. `tariff`. */
  readonly kind: string;
  /** As in `/api/settings/tariffs` and in YAML. */
  readonly collection: string;
  /** Whether its documents are each of one site (`always`), of the whole installation (`never`), or of either. */
  readonly perSite: "always" | "never" | "may";
  /** Of the body as it is written; strict, so that a typo is refused. */
  readonly schema: z.ZodType<T>;
  /** Who may change it; `operator` where it says nothing. What makes the server call strangers is the admin's to say. */
  readonly role?: Role;
  /** Keys of the body that are secrets: they are told as `***`, and a change that says `***` keeps what is there. */
  readonly secrets?: readonly string[];
  /** The id that a body holds itself; a document under another is refused. */
  idOf?(value: T): string;
  /** What is wrong among the documents of one site that have the right shape; `kind` and `site` are filled in. */
  defects?(documents: readonly Parsed<T>[], context: CheckContext): Omit<Defect, "kind" | "site">[];
  /** Inputs of the site's figures that change with a document; absent before or after where there was or is none. */
  touches?(
    change: { before: T | undefined; after: T | undefined },
    site: SiteRecord,
  ): Omit<RepriceRange, "site">[];
}
