import type { z } from "zod";
import type { RateFetcher } from "./rateFetcher.js";

/** What every source of the config says. */
export interface SourceConfigBase {
  id: string;
  kind: string;
}

/** One kind of source: the keys of its config, and what asks it. */
export interface SourceKind<S extends z.ZodObject> {
  readonly schema: S;
  make(config: z.output<S>): RateFetcher;
}

/** Declares a kind of source. */
export const sourceKind = <S extends z.ZodObject>(
  schema: S,
  make: (config: z.output<S>) => RateFetcher,
): SourceKind<S> => ({ schema, make });
