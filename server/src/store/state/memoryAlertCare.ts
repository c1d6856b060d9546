import type { AlertCare } from "../../alerts/delivery/alertCare.js";
import type { AlertCareStore, KeptCares, QueuedNotification } from "./state.js";

/** What is done about alerts, forgotten with its process. */
export class MemoryAlertCare implements AlertCareStore {
  readonly #cares = new Map<string, { care: AlertCare; atMs: number }>();

  constructor(private readonly notifications: Map<string, QueuedNotification>) {}

  async of(ids: readonly string[]): Promise<AlertCare[]> {
    return [...new Set(ids)].sort().flatMap((id) => {
      const kept = this.#cares.get(id);
      return kept ? [structuredClone(kept.care)] : [];
    });
  }

  async keep({ cares, notifications, atMs }: KeptCares): Promise<void> {
    for (const care of cares) this.#cares.set(care.id, { care: structuredClone(care), atMs });
    for (const message of notifications) this.notifications.set(message.id, structuredClone(message));
  }

  async trim(beforeMs: number): Promise<void> {
    for (const [id, { atMs }] of this.#cares) if (atMs < beforeMs) this.#cares.delete(id);
  }

  all(): AlertCare[] {
    return [...this.#cares.values()].map(({ care }) => care);
  }
}
