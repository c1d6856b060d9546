import type { AlertView } from "@hashwatt/protocol/http";
import { EndedAlerts } from "./endedAlerts.js";

/** Changes kept for whoever takes them; the oldest go first, and the book itself still knows every open alert. */
const MAX_CHANGES = 20_000;

/** What happened since the last call. `transitions` are to be stored and told; `changed` holds those and mere updates. */
export interface AlertChanges {
  transitions: AlertView[];
  changed: AlertView[];
}

/** What has changed of the alerts and nobody has taken yet, and which ended lately. */
export class ChangeLog {
  readonly ended = new EndedAlerts();
  readonly #changed = new Map<string, AlertView>();
  readonly #transitions: AlertView[] = [];

  transition(alert: AlertView): void {
    this.#transitions.push(alert);
    if (this.#transitions.length > MAX_CHANGES) this.#transitions.shift();
    this.note(alert);
  }

  /** Notes what only screens are to hear of. */
  note(alert: AlertView): void {
    this.#changed.delete(alert.id);
    this.#changed.set(alert.id, alert);
    if (this.#changed.size > MAX_CHANGES) this.#changed.delete(this.#changed.keys().next().value!);
  }

  take(): AlertChanges {
    const changes = { transitions: this.#transitions.splice(0), changed: [...this.#changed.values()] };
    this.#changed.clear();
    return changes;
  }
}
