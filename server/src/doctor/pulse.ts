import { briefHealthSchema, healthSchema } from "@hashwatt/protocol/http";
import type { Clock } from "@hashwatt/protocol/time";
import { localHeaders } from "../access/localToken.js";
import { ownTrust, ownUrl } from "../config/clientConfig.js";
import type { ServerConfig } from "../config.js";
import { ask } from "../tls/ask.js";

const ANSWER_MS = 5_000;

/**
 * Whether the server of a config answers, and how it is, in words. One whose broker or store is away is alive: to start it anew
 * would help neither, and what is wrong with them is said. Changes nothing.
 */
export async function feelPulse(
  config: Pick<ServerConfig, "http" | "store">,
  clock: Clock,
): Promise<{ alive: boolean; text: string }> {
  const url = ownUrl(config.http);
  using limit = clock.deadline(ANSWER_MS, new AbortController().signal);
  try {
    const question = { headers: localHeaders(config), trust: ownTrust(config.http) };
    const { status, json: said } = await ask(`${url}/api/health`, question, limit.signal);
    if (status === 401) return { alive: true, text: `alive at ${url}` };
    const health = healthSchema.safeParse(said).data;
    // Who may not see its parts has been answered by it all the same.
    if (!health) {
      const { ok } = briefHealthSchema.parse(said);
      return { alive: true, text: `alive at ${url}; ${ok ? "all parts work" : "not all parts work"}` };
    }
    const troubles = Object.entries(health.parts)
      .filter(([, part]) => !part.ok)
      .map(([name, part]) => `${name}: ${part.note}`);
    return {
      alive: true,
      text: [`alive at ${url}`, ...(troubles.length ? troubles : ["all parts work"])].join("; "),
    };
  } catch {
    return {
      alive: false,
      text: `no Hashwatt server answers at ${url} within ${ANSWER_MS / 1_000} s`,
    };
  }
}
