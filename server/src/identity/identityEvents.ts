import type { Evidence } from "@hashwatt/protocol/sample";
import type { EventRecord, RigRecord } from "../store/state/state.js";
import { agentOf } from "./handovers.js";

const MAX_EVENTS = 1_000;

/** What identification has to tell, until it is committed. */
export class IdentityEvents {
  readonly #told: EventRecord[] = [];

  add(atMs: number, kind: string, { site, rig }: RigRecord, text: string): void {
    // The records themselves hold what happened; a flood of the same story is not worth memory.
    if (this.#told.length < MAX_EVENTS) this.#told.push({ atMs, kind, site, rig, text });
  }

  /** Another rig answers where one was known, which `why` tells. */
  replaced(atMs: number, record: RigRecord, why: string): void {
    const text = `${record.name}: ${why}; it is taken for another rig with a history of its own`;
    this.add(atMs, "rig-replaced", record, text);
  }

  /** A rig answers at another place (`site/agent/handle`). */
  moved(atMs: number, record: RigRecord, from: string, to: string): void {
    this.add(atMs, "rig-moved", record, `${record.name}: known at ${from}, answers at ${to}`);
  }

  /** A rig answers at two places of two agents. */
  twoAgents(atMs: number, record: RigRecord, one: string, other: string): void {
    const text = `${record.name}: two agents read it, ${agentOf(one)} and ${agentOf(other)}; the latest answer counts, take it out of the config of one`;
    this.add(atMs, "rig-two-agents", record, text);
  }

  /** Two rigs answer at two places as one; `told` is what both say of themselves. */
  twin(atMs: number, twin: RigRecord, first: RigRecord, places: string, told: Evidence): void {
    const named = told.mac ?? told.serial;
    const text = `${places} answer at the same time as one rig${named === undefined ? "" : ` (${named})`}; they are kept as r${twin.rig} and r${first.rig}`;
    this.add(atMs, "rig-twin", twin, text);
  }

  take(): EventRecord[] {
    return this.#told.splice(0);
  }

  /** Takes back what could not be committed. */
  putBack(told: readonly EventRecord[]): void {
    this.#told.unshift(...told);
  }
}
