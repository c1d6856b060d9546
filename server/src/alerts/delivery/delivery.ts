import { scheduler } from "node:timers/promises";
import type { AlertStep } from "@hashwatt/protocol/alerting";
import type { AlertView } from "@hashwatt/protocol/http";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { ServerError } from "../../error.js";
import type { QueuedNotification, StateStore } from "../../store/state/state.js";
import type { MessageWorld } from "../messages/messageText.js";
import type { Notifications } from "../notifications.js";
import { type AlertCare, changeOf, copyOf, newCare, note, noteAsTold, withCare } from "./alertCare.js";
import type { AlertSetup } from "./alertSetup.js";
import { askRoutes } from "./askRoutes.js";
import { fittingOf } from "./fits.js";
import { HistoryTrim } from "./historyTrim.js";
import { KnownAlerts } from "./knownAlerts.js";
import { Pace } from "./pace.js";
import { classOf, queuedMessages } from "./queuedMessages.js";
import { Reminders } from "./reminders.js";
import type { Send } from "./route.js";

/** Says that an installation has kept book of its deliveries before. */
export const DELIVERY_SETTING = "alerts/delivery";
/** Alerts that are looked at between two turns of the event loop. */
const SLICE = 250;

/** What the delivery works with. */
export interface DeliveryParts {
  store: Pick<StateStore, "alertCare" | "setting" | "putSetting">;
  setup: AlertSetup;
  notifications: Notifications;
  world: MessageWorld;
  /** Open alerts as they stand now. */
  open(): AlertView[];
  /** Where the register says that the subject stands, and whose it is. */
  groupsOf(alert: AlertView): readonly string[];
  /** Tells screens of alerts that somebody has taken up, or that were silenced. */
  changed(alerts: readonly AlertView[]): void;
  clock: Clock;
  log: Logger;
}

/** From alerts to messages: who is told of what and when, and who has taken it up. Everything is kept before it is sent. */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #known = new KnownAlerts();
  /** When each alert is to be looked at next. */
  readonly #due = new Map<string, number>();
  readonly #pace = new Pace();
  readonly #reminders: Reminders;
  /** What a failing store has not taken yet. */
  readonly #unkept = new Set<string>();
  #stepping: Promise<void> = Promise.resolve();
  #isStepping = false;
  /** The last of the looks and changes, which come one after the other; never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #trim: HistoryTrim;
  #failure: string | undefined;

  private constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#trim = new HistoryTrim(parts.store, parts.log);
    this.#reminders = new Reminders({
      ...parts,
      isTold: (alert, channel, nowMs) => this.#isTold(alert, channel, nowMs),
      link: () => this.#link(),
    });
  }

  /**
   * Takes up where an earlier run left off: `saved` are the alerts of the store, those included that changed when it died and
   * that nobody was told of. At the first start ever nobody is told of what was there before.
   */
  static async open(parts: DeliveryParts, saved: readonly AlertView[]): Promise<Delivery> {
    const delivery = new Delivery(parts);
    const { store, setup, clock } = parts;
    const isFirst = (await store.setting(DELIVERY_SETTING)) === undefined;
    const open = new Set(parts.open().map(({ id }) => id));
    const alerts = saved.filter(({ id, state }) => state === "resolved" || open.has(id));
    const cares = new Map(
      (await store.alertCare.of(alerts.map(({ id }) => id))).map((care) => [care.id, care]),
    );
    for (const alert of alerts) {
      const care = cares.get(alert.id) ?? newCare(alert.id);
      if (isFirst && alert.firedMs !== null) {
        noteAsTold(care, alert, alert.firedMs, setup.world.channels);
        delivery.#unkept.add(alert.id);
      }
      delivery.#known.set(alert.id, { alert, care });
      delivery.#due.set(alert.id, 0);
    }
    if (isFirst) {
      await delivery.#keep([], clock.nowMs());
      await store.putSetting(DELIVERY_SETTING, "1");
    }
    setup.changed = () => delivery.#lookAgain();
    return delivery;
  }

  /** Takes alerts that have just fired or ended and are stored so. */
  transitions(alerts: readonly AlertView[]): void {
    for (const alert of alerts) {
      const known = this.#known.get(alert.id);
      if (known) known.alert = alert;
      else this.#known.set(alert.id, { alert, care: newCare(alert.id) });
      this.#due.set(alert.id, 0);
    }
  }

  /** Makes the messages that are due. To be called about once a second; never rejects. */
  step(): Promise<void> {
    if (this.#isStepping) return this.#stepping;
    this.#isStepping = true;
    this.#stepping = this.#inTurn(() => this.#step()).finally(() => {
      this.#isStepping = false;
    });
    return this.#stepping;
  }

  /** An alert as screens show it. */
  shown(alert: AlertView): AlertView {
    const known = this.#known.get(alert.id);
    if (!known) {
      const ack = this.#known.ackOf(alert.id);
      return ack ? { ...alert, ack } : alert;
    }
    const silencedBy = alert.state === "resolved" ? undefined : known.silencedBy;
    return withCare(alert, known.care, this.#parts.clock.nowMs(), silencedBy);
  }

  /** What was done and decided about an alert, oldest first. */
  async steps(id: string): Promise<AlertStep[]> {
    const known = this.#known.get(id)?.care ?? (await this.#parts.store.alertCare.of([id]))[0];
    return known?.steps ?? [];
  }

  /** Somebody takes an alert up: it is not said again. Throws ServerError `notFound`. */
  acknowledge(id: string, by: string, text?: string): Promise<AlertView> {
    return this.#change(id, `Acknowledged${text ? `: ${text}` : ""}`, by, (care, atMs) => {
      care.ack = { by, atMs, ...(text && { note: text }) };
    });
  }

  unacknowledge(id: string, by: string): Promise<AlertView> {
    return this.#change(id, "Not acknowledged any more", by, (care) => {
      delete care.ack;
    });
  }

  /** Nobody is told of it until then. */
  snooze(id: string, untilMs: number, by: string, text?: string): Promise<AlertView> {
    const what = `Snoozed until ${new Date(untilMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
    return this.#change(id, `${what}${text ? `: ${text}` : ""}`, by, (care) => {
      care.snoozedUntilMs = untilMs;
    });
  }

  unsnooze(id: string, by: string): Promise<AlertView> {
    return this.#change(id, "Snoozed no more", by, (care) => {
      delete care.snoozedUntilMs;
    });
  }

  async close(): Promise<void> {
    await this.#last;
  }

  /** Each puts a copy of a care in the place of the one that it began with: what another has done meanwhile would be lost. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #change(
    id: string,
    text: string,
    by: string,
    change: (care: AlertCare, atMs: number) => void,
  ): Promise<AlertView> {
    return this.#inTurn(async () => {
      const now = this.#parts.open().find((alert) => alert.id === id);
      const told = this.#known.get(id);
      // It may be pending, or wait for others like it: there is nothing to tell of it yet.
      const known = told ?? (now && { alert: now, care: newCare(id) });
      if (!known || known.alert.state === "resolved")
        throw new ServerError("notFound", `there is no open alert ${id}; see /api/alerts`);
      const nowMs = this.#parts.clock.nowMs();
      const care = copyOf(known.care);
      change(care, nowMs);
      note(care, nowMs, text, by);
      await this.#parts.store.alertCare.keep({ cares: [care], notifications: [], atMs: nowMs });
      // It may have fired meanwhile, and is then known by another object.
      const stands = this.#known.get(id) ?? known;
      stands.care = care;
      this.#known.set(id, stands);
      if (told) this.#due.set(id, 0);
      const shown = this.shown(now ?? known.alert);
      this.#parts.changed([shown]);
      return shown;
    });
  }

  #lookAgain(): void {
    for (const id of this.#known.ids()) this.#due.set(id, 0);
    const { setup, notifications, log } = this.#parts;
    notifications
      .use(setup.notifiers)
      .catch((error: unknown) => log.error({ err: error }, "channels not changed"));
  }

  async #step(): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    const due = [...this.#due].filter(([, ms]) => ms <= nowMs).map(([id]) => id);
    if (due.length) await this.#look(due, nowMs);
    else if (this.#unkept.size) await this.#keep([], nowMs);
    this.#reminders.step(nowMs);
    this.#known.forget(nowMs, this.#parts.open, (id) => this.#due.has(id) || this.#unkept.has(id));
    if (this.#trim.isDue(nowMs)) await this.#trim.run(nowMs);
  }

  async #look(due: readonly string[], nowMs: number): Promise<void> {
    const { setup, store, log } = this.#parts;
    await this.#known.recall(due, store.alertCare, log);
    const told = new Map<string, { send: Send; alerts: AlertView[] }>();
    const shown: AlertView[] = [];
    const open = new Map(this.#parts.open().map((alert) => [alert.id, alert]));
    for (const [at, id] of due.entries()) {
      if (at > 0 && at % SLICE === 0) await scheduler.yield();
      this.#due.delete(id);
      const known = this.#known.get(id);
      if (!known) continue;
      const care = copyOf(known.care);
      // Its words are younger than those of its last change; what has ended since is told by a change to come.
      const now = open.get(id);
      const { state, firedMs } = known.alert;
      const alert = now?.state === state && now.firedMs === firedMs ? now : known.alert;
      const change = changeOf(alert);
      if (care.seen !== change) {
        if (alert.state === "firing") note(care, alert.firedMs ?? nowMs, `Fired: ${alert.reason}`);
        if (alert.state === "resolved") note(care, alert.resolvedMs ?? nowMs, `Ended: ${alert.reason}`);
        care.seen = change;
      }
      const answer = askRoutes(
        alert,
        fittingOf(alert, this.#parts.groupsOf(alert)),
        care,
        setup.world,
        nowMs,
        (channel) => this.#pace.freeMs(channel, setup.channel(channel)?.manner.human ?? false, alert, nowMs),
      );
      if (answer.againMs !== undefined) this.#due.set(id, answer.againMs);
      if (known.silencedBy !== answer.silencedBy) {
        known.silencedBy = answer.silencedBy;
        shown.push(alert);
      }
      for (const send of answer.sends) {
        const key = `${send.channel} ${classOf(send)}`;
        const message = told.get(key) ?? { send, alerts: [] };
        message.alerts.push(this.shown(alert));
        told.set(key, message);
      }
      const { sends, digests } = answer;
      // Whatever is decided is noted as a step, what is put into a digest again perhaps not.
      const isNoted = care.steps.at(-1) !== known.care.steps.at(-1) || care.seen !== known.care.seen;
      if (isNoted || sends.length || digests.length) {
        known.care = care;
        this.#unkept.add(id);
      }
    }
    const messages: QueuedNotification[] = [];
    for (const { send, alerts } of told.values()) {
      const channel = setup.channel(send.channel);
      if (!channel) continue; // It may go between two turns of the loop.
      this.#pace.told(send.channel, nowMs);
      messages.push(...queuedMessages(send, alerts, channel.manner, nowMs, this.#link()));
      await scheduler.yield();
    }
    await this.#keep(messages, nowMs);
    for (const message of messages) await this.#parts.notifications.take(message);
    if (shown.length) this.#parts.changed(shown.map((alert) => this.shown(alert)));
  }

  #link(): { link?: string } {
    const { publicUrl } = this.#parts.world;
    return publicUrl === undefined ? {} : { link: `${publicUrl}/alerts` };
  }

  /** Keeps what has changed with the messages that it makes. A store that fails holds no alarm up: it gets it later. */
  async #keep(notifications: readonly QueuedNotification[], nowMs: number): Promise<void> {
    const cares = [...this.#unkept].flatMap((id) => this.#known.get(id)?.care ?? []);
    this.#unkept.clear();
    try {
      await this.#parts.store.alertCare.keep({ cares, notifications, atMs: nowMs });
      this.#failure = undefined;
    } catch (error) {
      for (const { id } of cares) this.#unkept.add(id);
      const why = String(error);
      if (why !== this.#failure) this.#parts.log.error({ err: error }, "deliveries not stored");
      this.#failure = why;
    }
  }

  #isTold(alert: AlertView, channel: string, nowMs: number): boolean {
    const known = this.#known.get(alert.id);
    if (!known || alert.state !== "firing" || known.silencedBy !== undefined) return false;
    const { told, snoozedUntilMs } = known.care;
    return told[channel]?.firedMs === alert.firedMs && (snoozedUntilMs ?? 0) <= nowMs;
  }
}
