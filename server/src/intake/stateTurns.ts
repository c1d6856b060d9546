import type { AlertView } from "@hashwatt/protocol/http";
import type { Clock, Timer } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { EventRecord, StateStore } from "../store/state/state.js";

/** Alert transitions and events that wait for the state store; the oldest go first. */
const MAX_WAITING = 20_000;
/** Events stored per minute: a flood of them would drown what they are for. */
const EVENTS_PER_MINUTE = 120;
/** So long they wait for a commit of readings, which they belong to; then they go alone. */
const ALONE_MS = 2_000;

/** What the turns work with. */
export interface StateTurnParts {
  state: Pick<StateStore, "putAlerts" | "addEvent">;
  /** Brings rig keys to the state store: an alert must not be there of a rig that is not. */
  commitIdentities(): Promise<void>;
  /** Hears of every event. */
  heard?(event: EventRecord): void;
  /** Tells of alerts whose transition is stored now. */
  notify(alerts: readonly AlertView[]): Promise<void>;
  clock: Clock;
  log: Logger;
}

/**
 * Alert transitions and events on their way to the state store. They go with the commit of the readings that made them; where none
 * comes through, since the store of readings does not work, they go alone: that it does not work is what some of them say. An alert is
 * told only once it is stored, so that a server that ends in between tells of it at its next start, and never twice: readings that
 * come again then find the alert as it was left.
 */
export class StateTurns {
  readonly #parts: StateTurnParts;
  readonly #alerts: AlertView[] = [];
  readonly #events: EventRecord[] = [];
  /** Transitions that are stored and nobody was told of, as they happened. */
  readonly #stored: AlertView[] = [];
  /** The last of the turns, which come one after the other: of an alert that fired and ended, the end is stored last. Never rejects. */
  #last: Promise<void> = Promise.resolve();
  #alone: Timer | undefined;
  #minute = 0;
  #eventsThisMinute = 0;
  /** What each kind last failed with. */
  readonly #failures = new Map<string, string>();
  alertsDropped = 0;
  eventsDropped = 0;

  constructor(parts: StateTurnParts) {
    this.#parts = parts;
  }

  alerts(transitions: readonly AlertView[]): void {
    this.#alerts.push(...transitions);
    this.alertsDropped += cut(this.#alerts);
    this.#wait();
  }

  event(event: EventRecord): void {
    this.#parts.heard?.(event);
    const minute = Math.floor(event.atMs / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#eventsThisMinute = 0;
    }
    if (++this.#eventsThisMinute > EVENTS_PER_MINUTE) this.eventsDropped++;
    else this.#events.push(event);
    this.eventsDropped += cut(this.#events);
    this.#wait();
  }

  /** Stores what waits. Never rejects: what a failing state store does not take goes on waiting, and holds up no ack. */
  store(): Promise<void> {
    this.#last = this.#last.then(() => this.#store());
    return this.#last;
  }

  /** Tells of what is stored. */
  async tell(): Promise<void> {
    const told = this.#stored.splice(0);
    if (told.length) await this.#parts.notify(told);
  }

  /** Stores and tells what is left, whether or not the store of readings works. */
  async close(): Promise<void> {
    await this.#go();
    this.#stopWaiting();
  }

  async #go(): Promise<void> {
    await this.store();
    await this.tell();
  }

  async #store(): Promise<void> {
    await this.#try("alerts", () => this.#storeAlerts());
    await this.#try("events", () => this.#storeEvents());
    this.#stopWaiting();
    if (this.#alerts.length + this.#events.length) this.#wait();
  }

  async #storeAlerts(): Promise<void> {
    if (!this.#alerts.length) return;
    await this.#parts.commitIdentities();
    const waiting = this.#alerts.splice(0);
    try {
      await this.#parts.state.putAlerts(waiting);
      this.#stored.push(...waiting);
    } catch (error) {
      this.#alerts.unshift(...waiting);
      this.alertsDropped += cut(this.#alerts);
      throw error;
    }
  }

  async #storeEvents(): Promise<void> {
    for (let event = this.#events.shift(); event; event = this.#events.shift()) {
      try {
        await this.#parts.state.addEvent(event);
      } catch (error) {
        this.#events.unshift(event);
        this.eventsDropped += cut(this.#events);
        throw error;
      }
    }
  }

  async #try(what: string, work: () => Promise<void>): Promise<void> {
    const { log } = this.#parts;
    try {
      await work();
      if (this.#failures.delete(what)) log.info({ what }, "stored again");
    } catch (error) {
      const why = String(error);
      if (this.#failures.get(what) !== why) log.error({ err: error, what }, "not stored");
      this.#failures.set(what, why);
    }
  }

  #wait(): void {
    this.#alone ??= this.#parts.clock.after(ALONE_MS, () => void this.#go());
  }

  #stopWaiting(): void {
    this.#alone?.[Symbol.dispose]();
    this.#alone = undefined;
  }
}

/** Drops the oldest of a full queue; returns how many went. */
function cut(waiting: unknown[]): number {
  return waiting.splice(0, Math.max(0, waiting.length - MAX_WAITING)).length;
}
