import { createHmac } from "node:crypto";
import { MESSAGE_ALERTS } from "../messages/alertMessage.js";
import { httpPost } from "./httpPost.js";
import type { NotifierKind } from "./notifier.js";

/**
 * What proves that a body is of who knows the key: `t=<epoch seconds>,v1=<HMAC-SHA256 of "<t>.<body>" in hex>`. The time is
 * signed too, so that a receiver can refuse what somebody has kept and sends again.
 */
export function signature(key: string, body: string, nowMs: number): string {
  const t = Math.floor(nowMs / 1_000);
  return `t=${t},v1=${createHmac("sha256", key).update(`${t}.${body}`).digest("hex")}`;
}

/** POSTs each message as JSON to one URL, signed where there is a key. */
export const webhook: NotifierKind = {
  kind: "webhook",
  manner: { human: false, most: MESSAGE_ALERTS },
  open: ({ id, url, key, ca }, { clock, guard }) => ({
    id,
    deliver(message, signal) {
      const text = JSON.stringify(message);
      const headers = {
        ...(message.id !== undefined && { "x-hashwatt-delivery": message.id }),
        ...(key && { "x-hashwatt-signature": signature(key.reveal(), text, clock.nowMs()) }),
      };
      return httpPost({ url: url!.reveal(), text, headers, guard, ca }, clock, signal);
    },
  }),
};
