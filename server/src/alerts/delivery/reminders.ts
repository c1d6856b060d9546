import type { AlertView } from "@hashwatt/protocol/http";
import { type MessageWhy, messagesOf } from "../messages/alertMessage.js";
import type { Notifications } from "../notifications.js";
import type { AlertSetup } from "./alertSetup.js";

/** What reminders are made of. */
export interface ReminderParts {
  setup: Pick<AlertSetup, "channels">;
  notifications: Pick<Notifications, "refresh">;
  open(): readonly AlertView[];
  /** Whether the channel was told that this round of the alert began, and nobody has silenced it since. */
  isTold(alert: AlertView, channel: string, nowMs: number): boolean;
  link(): { link?: string };
}

/** Tells receivers that forget what they are not reminded of what fires, as often as each wants to hear it. */
export class Reminders {
  readonly #parts: ReminderParts;
  /** When each channel was last reminded. */
  readonly #lastMs = new Map<string, number>();

  constructor(parts: ReminderParts) {
    this.#parts = parts;
  }

  /** To be called about once a second. */
  step(nowMs: number): void {
    const { setup, notifications, open, isTold, link } = this.#parts;
    for (const { config, manner } of setup.channels) {
      const { refreshMs, most } = manner;
      const lastMs = this.#lastMs.get(config.id);
      if (refreshMs === undefined || config.off) continue;
      if (lastMs !== undefined && nowMs - lastMs < refreshMs && nowMs >= lastMs) continue;
      this.#lastMs.set(config.id, nowMs);
      const firing = open().filter((alert) => isTold(alert, config.id, nowMs));
      if (!firing.length) continue;
      const rest = { why: "refresh" as MessageWhy, sentMs: nowMs, ...link() };
      notifications.refresh(config.id, messagesOf(firing, most, true, rest));
    }
  }
}
