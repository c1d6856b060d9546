import type { AlertView } from "@hashwatt/protocol/http";

/** One message to the outside: alerts that fired or resolved together. */
export interface AlertMessage {
  v: 1;
  sentMs: number;
  /** At most {@link MESSAGE_ALERTS}; `more` says how many further ones the same moment had. */
  alerts: AlertView[];
  more: number;
}
export const MESSAGE_ALERTS = 100;

/**
 * How a delivery went. `retry`: it may work later (not before `afterMs`, where the receiver says so); `refused`: it never
 * will. Reasons never hold the address: it is a secret.
 */
export type Delivery =
  | { kind: "delivered" }
  | { kind: "retry"; reason: string; afterMs?: number }
  | { kind: "refused"; reason: string };

/** A way to tell somebody. */
export interface Notifier {
  readonly id: string;
  /** Tries once. Never rejects but for the abort of `signal`. */
  deliver(body: unknown, signal: AbortSignal): Promise<Delivery>;
}
