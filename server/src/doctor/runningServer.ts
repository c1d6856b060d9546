import {
  type Health,
  healthSchema,
  type Totals,
  totalsSchema,
  type Version,
  versionSchema,
} from "@hashwatt/protocol/http";
import type { Clock } from "@hashwatt/protocol/time";
import type { z } from "zod";
import { localHeaders } from "../access/localToken.js";
import { ownTrust, ownUrl } from "../config/clientConfig.js";
import type { ServerConfig } from "../config.js";
import { ask } from "../tls/ask.js";

const ANSWER_MS = 3_000;

/** What a server that runs says of itself. */
export interface Running {
  url: string;
  version: Version;
  health: Health;
  totals: Totals;
  /** How far its clock is ahead of ours, ms; it is known to half of `answeredMs`. */
  aheadMs: number;
  answeredMs: number;
}

/** A server answers and wants a login that the config does not know. */
export class LoginWanted extends Error {
  override name = "LoginWanted";
}

/**
 * Asks the Hashwatt server of a config for its state; undefined where none answers. Changes nothing. Throws
 * {@link LoginWanted}.
 */
export async function askServer(config: ServerConfig, clock: Clock): Promise<Running | undefined> {
  // Port 0 is chosen anew at each start, so that nothing can be asked there.
  if (config.http.port === 0) return undefined;
  const url = ownUrl(config.http);
  const headers = localHeaders(config);
  using limit = clock.deadline(ANSWER_MS, new AbortController().signal);
  const get = async <S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> => {
    const { status, json } = await ask(
      `${url}${path}`,
      { headers, trust: ownTrust(config.http) },
      limit.signal,
    );
    if (status === 401) throw new LoginWanted(url);
    return schema.parse(json);
  };
  try {
    const version = await get("/api/version", versionSchema);
    const askedMs = clock.nowMs();
    const health = await get("/api/health", healthSchema);
    const answeredMs = clock.nowMs() - askedMs;
    const totals = await get("/api/totals", totalsSchema);
    return { url, version, health, totals, aheadMs: health.serverMs - askedMs - answeredMs / 2, answeredMs };
  } catch (error) {
    if (error instanceof LoginWanted) throw error;
    // Nothing listens, or something else: the check of the port says which.
    return undefined;
  }
}
