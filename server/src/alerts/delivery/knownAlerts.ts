import type { AlertAck } from "@hashwatt/protocol/alerting";
import type { AlertView } from "@hashwatt/protocol/http";
import type { Logger } from "pino";
import type { AlertCareStore } from "../../store/state/state.js";
import type { AlertCare } from "./alertCare.js";

/** An alert that somebody was or may be told of, and what is done about it. */
export interface Known {
  alert: AlertView;
  care: AlertCare;
  silencedBy?: string | undefined;
}

/**
 * What has ended is kept in mind for so long: one that begins again within 15 minutes is the same alert. Of a farm that is in trouble
 * there are hundreds an hour, some kB each; what was done about them is in the store.
 */
const KEEP_MS = 2 * 3_600_000;
/** Who had taken one up is shown for as long as ended alerts stand on the screens. */
const ACK_KEEP_MS = 86_400_000;
const FORGET_EVERY_MS = 60_000;

/** The alerts of which something may still have to be told. */
export class KnownAlerts {
  readonly #known = new Map<string, Known>();
  /** By whom those were taken up that are forgotten here. */
  readonly #acks = new Map<string, { ack: AlertAck; endedMs: number }>();
  #forgotMs = Number.NEGATIVE_INFINITY;

  get(id: string): Known | undefined {
    return this.#known.get(id);
  }

  set(id: string, known: Known): void {
    this.#known.set(id, known);
  }

  ids(): IterableIterator<string> {
    return this.#known.keys();
  }

  /** Who has taken up an alert that is not known here any more. */
  ackOf(id: string): AlertAck | undefined {
    return this.#acks.get(id)?.ack;
  }

  /** Once a minute: forgets alerts of which nothing is to be told any more. `open`: those that stand now; `isNeeded`: those to keep. */
  forget(nowMs: number, open: () => readonly AlertView[], isNeeded: (id: string) => boolean): void {
    const sinceMs = nowMs - this.#forgotMs;
    if (sinceMs >= 0 && sinceMs < FORGET_EVERY_MS) return;
    this.#forgotMs = nowMs;
    const standing = new Set(open().map(({ id }) => id));
    for (const [id, { alert, care }] of this.#known) {
      const { resolvedMs, state } = alert;
      const isOver = resolvedMs !== null && resolvedMs < nowMs - KEEP_MS;
      if ((!isOver && (state !== "pending" || standing.has(id))) || isNeeded(id)) continue;
      this.#known.delete(id);
      if (care.ack && resolvedMs !== null) this.#acks.set(id, { ack: care.ack, endedMs: resolvedMs });
    }
    for (const [id, { endedMs }] of this.#acks) if (endedMs < nowMs - ACK_KEEP_MS) this.#acks.delete(id);
  }

  /** Another round of an alert that was forgotten goes on where its book in the store ends. */
  async recall(
    ids: readonly string[],
    store: Pick<AlertCareStore, "of">,
    log: Pick<Logger, "warn">,
  ): Promise<void> {
    const isNew = (known: Known | undefined): known is Known =>
      known?.alert.rounds !== undefined && known.care.seen === "";
    const back = ids.filter((id) => isNew(this.#known.get(id)));
    if (!back.length) return;
    try {
      for (const care of await store.of(back)) {
        const known = this.#known.get(care.id);
        if (isNew(known)) known.care = care;
      }
    } catch (error) {
      // Somebody may be told once more; that nobody is told would be worse.
      log.warn({ err: error }, "history of alerts not read");
    }
  }
}
