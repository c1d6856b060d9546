import type { Clock } from "@hashwatt/protocol/time";
import type { Secret } from "../../secret.js";
import type { Notifier } from "./notifier.js";
import { webhook } from "./webhook.js";

/** What the config says of notifiers; an absent one is not used. */
export interface NotifierConfig {
  webhook?: Secret;
}

/** The notifiers that the config asks for. */
export const notifiersOf = (config: NotifierConfig, clock: Clock): Notifier[] =>
  config.webhook ? [webhook(config.webhook, clock)] : [];
