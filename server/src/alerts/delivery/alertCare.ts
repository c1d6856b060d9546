import type { AlertAck, AlertStep } from "@hashwatt/protocol/alerting";
import type { AlertView } from "@hashwatt/protocol/http";

/** That a channel was told of a round of an alert, or will be. */
export interface Told {
  /** When it was last told; of a digest when it was put into it. */
  atMs: number;
  /** Which round: when that fired. */
  firedMs: number;
  route: string;
  /** Of a group, how many it was of then. */
  members?: number;
  /** When the digest goes out in which it stands. */
  digestMs?: number;
  /** The digest has gone out, or the channel was told of the end. */
  done?: boolean;
}

/** What is done about one alert: who has taken it up, who was told, and every decision with its reason. */
export interface AlertCare {
  id: string;
  /** The last change of the alert that was taken in; see {@link changeOf}. */
  seen: string;
  ack?: AlertAck;
  snoozedUntilMs?: number;
  /** By channel. */
  told: Record<string, Told>;
  /** Routes that others have escalated to. */
  escalated: string[];
  /** Newest last; the oldest go first. */
  steps: AlertStep[];
}

/** Decisions kept per alert. */
const MAX_STEPS = 40;

export const newCare = (id: string): AlertCare => ({ id, seen: "", told: {}, escalated: [], steps: [] });

/** A copy that can be changed while the other stays. What it holds is replaced, never changed. */
export const copyOf = (care: AlertCare): AlertCare => ({
  ...care,
  told: { ...care.told },
  escalated: [...care.escalated],
  steps: [...care.steps],
});

/** What names one change of an alert: a second one with the same name is the same change come again. */
export const changeOf = ({ state, firedMs, resolvedMs, quietUntilMs }: AlertView): string =>
  `${state}/${firedMs ?? ""}/${resolvedMs ?? ""}/${quietUntilMs === undefined ? "" : "quiet"}`;

/** Notes a decision; one that is the same as the last is noted once. */
export function note(care: AlertCare, atMs: number, text: string, by?: string): void {
  if (care.steps.at(-1)?.text === text && by === undefined) return;
  care.steps.push({ atMs, text, ...(by !== undefined && { by }) });
  if (care.steps.length > MAX_STEPS) care.steps.shift();
}

/** An alert with what is done about it, as screens show it. `silencedBy` is known to the caller. */
export function withCare(
  alert: AlertView,
  care: AlertCare | undefined,
  nowMs: number,
  silencedBy?: string,
): AlertView {
  const snoozedMs = care?.snoozedUntilMs;
  const isSnoozed = snoozedMs !== undefined && snoozedMs > nowMs && alert.state !== "resolved";
  if (!care?.ack && !isSnoozed && silencedBy === undefined) return alert;
  return {
    ...alert,
    ...(care?.ack && { ack: care.ack }),
    ...(isSnoozed && { snoozedUntilMs: snoozedMs }),
    ...(silencedBy !== undefined && { silencedBy }),
  };
}

/** Notes in the care of an alert that fired before deliveries were kept book of that every channel knows it. */
export function noteAsTold(
  care: AlertCare,
  alert: AlertView,
  firedMs: number,
  channels: readonly string[],
): void {
  care.seen = changeOf(alert);
  const done = alert.state === "resolved";
  for (const channel of channels) care.told[channel] = { atMs: firedMs, firedMs, route: "", done };
}
