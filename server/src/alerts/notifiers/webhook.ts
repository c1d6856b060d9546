import type { Clock } from "@hashwatt/protocol/time";
import type { Secret } from "../../secret.js";
import type { Delivery, Notifier } from "./notifier.js";

const TIMEOUT_MS = 10_000;
/** A receiver may ask to wait, but not for ever. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** POSTs each message as JSON to one URL. 5xx, 429 and network failures are tried again; any other answer is final. */
export function webhook(url: Secret, clock: Clock): Notifier {
  return {
    id: "webhook",
    async deliver(body, signal) {
      using bounded = clock.deadline(TIMEOUT_MS, signal);
      try {
        const response = await fetch(url.reveal(), {
          method: "POST",
          headers: { "content-type": "application/json", "user-agent": "hashwatt" },
          body: JSON.stringify(body),
          // A redirect would carry the alerts to somebody whom nobody has named.
          redirect: "manual",
          signal: bounded.signal,
        });
        await response.body?.cancel();
        return judge(response);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        return { kind: "retry", reason: failureOf(error) };
      }
    },
  };
}

function judge(response: Response): Delivery {
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const reason = `the receiver answered ${status}`;
  if (status !== 429 && status < 500) return { kind: "refused", reason };
  const seconds = Number(response.headers.get("retry-after"));
  const afterMs =
    Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1_000, MAX_RETRY_AFTER_MS) : undefined;
  return { kind: "retry", reason, ...(afterMs !== undefined && { afterMs }) };
}

/** The kind of a network failure without the address that its message would name. */
function failureOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } };
  if (name === "TimeoutError") return `no answer within ${TIMEOUT_MS / 1_000} s`;
  return typeof cause?.code === "string" ? `connection failed (${cause.code})` : "connection failed";
}
