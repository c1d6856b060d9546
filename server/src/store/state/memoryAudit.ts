import type { AuditEntry } from "@hashwatt/protocol/access";
import { NO_CHANGES } from "./noChanges.js";
import type { AuditBound, AuditQuery, AuditStore } from "./state.js";

/** A record of changes that is forgotten with its process. */
export class MemoryAudit implements AuditStore {
  #entries: AuditEntry[] = [];
  #next = 1;

  async add(entry: Omit<AuditEntry, "n">): Promise<void> {
    this.#entries.push(structuredClone({ ...entry, n: this.#next++ }));
  }

  async list({ fromMs, toMs, who, action, before, limit }: AuditQuery): Promise<AuditEntry[]> {
    return this.#entries
      .filter(
        (entry) =>
          (fromMs === undefined || entry.atMs >= fromMs) &&
          (toMs === undefined || entry.atMs < toMs) &&
          (who === undefined || entry.who === who) &&
          (action === undefined ||
            (action.endsWith(".") ? entry.action.startsWith(action) : entry.action === action)) &&
          (before === undefined || entry.n < before),
      )
      .reverse()
      .slice(0, limit)
      .map((entry) => structuredClone(entry));
  }

  async trim({ fromMs, ...left }: AuditBound): Promise<void> {
    const kindOf = ({ action, result }: AuditEntry) =>
      result !== "done" ? "notDone" : NO_CHANGES.includes(action) ? "visits" : "done";
    this.#entries = this.#entries
      .reverse()
      .filter((entry) => entry.atMs >= fromMs && left[kindOf(entry)]-- > 0)
      .reverse();
  }

  all(): readonly AuditEntry[] {
    return this.#entries;
  }
}
