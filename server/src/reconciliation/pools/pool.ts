import type { Payout } from "../payout.js";

/** What is asked of a pool: which account, over which whole UTC days. */
export interface PoolQuery {
  account: string;
  token: string;
  fromMs: number;
  toMs: number;
}

/** A request to a pool's API: with a body it POSTs that as JSON. */
export interface PoolRequest {
  path: string;
  headers: Record<string, string>;
  body?: unknown;
}

/** A pool that says by an API what it credited. Requests are told, answers are read: who sends them is not its matter. */
export interface PoolApi {
  /** Its name in paths and documents: a slug. */
  readonly id: string;
  readonly name: string;
  readonly url: string;
  /** Where the shape is documented. */
  readonly source: string;
  request(query: PoolQuery): PoolRequest;
  /** The payouts of an answer. Throws RangeError with what is not as documented. */
  read(json: unknown, query: PoolQuery): Payout[];
}
