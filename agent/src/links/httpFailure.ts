import type { AgentErrorCode } from "../agentError.js";

/** Why nothing was answered over HTTP: the code of the error, and what the rig did, in words that follow its address. */
export function httpFailure(error: NodeJS.ErrnoException): [code: AgentErrorCode, what: string] {
  const { code, message } = error;
  if (code === "ECONNREFUSED") return ["refused", "refuses connections"];
  if (code?.startsWith("HPE_")) return ["garbled", "does not speak HTTP"];
  if (code === "ECONNRESET" && /hang up/.test(message))
    return ["empty", "closed the connection without a word"];
  if (code === "ECONNRESET" || code === "EPIPE") return ["reset", "broke the connection"];
  if (/ssl|tls|EPROTO/i.test(`${code} ${message}`)) return ["garbled", "does not speak TLS"];
  return ["unreachable", `cannot be reached (${code ?? message})`];
}
