import type { ChannelKind } from "@hashwatt/protocol/channelKinds";
import { alertmanager } from "./alertmanager.js";
import { discord } from "./discord.js";
import { email } from "./email.js";
import { log } from "./log.js";
import { mqtt } from "./mqtt.js";
import type { NotifierKind } from "./notifier.js";
import { ntfy } from "./ntfy.js";
import { slack } from "./slack.js";
import { telegram } from "./telegram.js";
import { webhook } from "./webhook.js";

/** Every way to tell somebody. */
export const NOTIFIERS: Readonly<Record<ChannelKind, NotifierKind>> = {
  webhook,
  alertmanager,
  email,
  telegram,
  discord,
  slack,
  ntfy,
  mqtt,
  log,
};
