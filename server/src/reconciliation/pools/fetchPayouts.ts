import { z } from "zod";
import { ServerError } from "../../error.js";
import type { SourceHttp } from "../../rates/fetch/sourceHttp.js";
import type { Payout } from "../payout.js";
import type { PoolApi, PoolQuery } from "./pool.js";

/**
 * Asks a pool what it credited, over whole UTC days. `url` is the base of its API. Throws ServerError `sourceFailed`, which never holds the
 * token.
 */
export async function fetchPayouts(
  pool: PoolApi,
  query: PoolQuery,
  http: Pick<SourceHttp, "json">,
  signal: AbortSignal,
  url: string = pool.url,
): Promise<Payout[]> {
  const { path, headers, body } = pool.request(query);
  const answer = await http.json(new URL(path, url), z.unknown(), signal, {
    headers,
    ...(body !== undefined && { body }),
  });
  try {
    return pool.read(answer, query);
  } catch (cause) {
    const why =
      cause instanceof z.ZodError
        ? `${cause.issues[0]?.path.join(".") || "the answer"}: ${cause.issues[0]?.message}`
        : (cause as Error).message;
    throw new ServerError("sourceFailed", `${pool.name} answers otherwise than ${pool.source} says: ${why}`, {
      cause,
    });
  }
}
