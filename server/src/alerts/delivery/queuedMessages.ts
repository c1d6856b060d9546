import { createHash } from "node:crypto";
import type { AlertView } from "@hashwatt/protocol/http";
import type { QueuedNotification } from "../../store/state/state.js";
import { type MessageWhy, messagesOf } from "../messages/alertMessage.js";
import type { Manner } from "../notifiers/notifier.js";
import { changeOf } from "./alertCare.js";
import type { Send } from "./route.js";

/** What goes in one message: what fired and what ended go together. */
export const classOf = ({ why }: Pick<Send, "why">): MessageWhy => (why === "resolved" ? "fired" : why);

/**
 * The messages that tell a channel of alerts, ready to be kept. The same changes told to the same channel are the same
 * message, with the same id, over a restart too.
 */
export function queuedMessages(
  { channel, why: reason }: Send,
  alerts: readonly AlertView[],
  { most, whole = false }: Manner,
  nowMs: number,
  rest: { link?: string },
): QueuedNotification[] {
  const why = classOf({ why: reason });
  return messagesOf(alerts, most, whole, { why, sentMs: nowMs, ...rest }).map((body) => {
    const of = body.alerts.map((alert) => [alert.id, changeOf(alert)]);
    const again = why === "repeated" || why === "digest" ? nowMs : 0;
    const key = createHash("sha256").update(JSON.stringify([channel, why, again, of]));
    const id = `${channel}-${key.digest("base64url").slice(0, 22)}`;
    return { id, notifier: channel, body, createdMs: nowMs, dueMs: nowMs, attempts: 0 };
  });
}
