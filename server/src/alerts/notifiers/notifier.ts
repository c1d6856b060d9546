import type { ChannelInput } from "@hashwatt/protocol/alerting";
import type { ChannelKind } from "@hashwatt/protocol/channelKinds";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { Secret } from "../../secret.js";
import type { AlertMessage } from "../messages/alertMessage.js";
import type { MessageWorld } from "../messages/messageText.js";
import type { TargetGuard } from "./targetGuard.js";

/**
 * How a delivery went. `retry`: it may work later (not before `afterMs`, where the receiver says so); `refused`: it never
 * will. Reasons never hold the address: it is a secret.
 */
export type Delivery =
  | { kind: "delivered" }
  | { kind: "retry"; reason: string; afterMs?: number }
  | { kind: "refused"; reason: string };

/** A way to tell somebody. */
export interface Notifier {
  readonly id: string;
  /** What keeps it from delivering, where that is known before it tries. */
  readonly problem?: string;
  /** Tries once. Never rejects but for the abort of `signal`. */
  deliver(message: AlertMessage, signal: AbortSignal): Promise<Delivery>;
}

/** How messages for a kind of channel are made. */
export interface Manner {
  /** For a person to read: messages come at most every ten seconds, and notices once a day unless a route says otherwise. */
  readonly human: boolean;
  /** Alerts in one message. */
  readonly most: number;
  /** Further alerts come in further messages instead of as a number. */
  readonly whole?: boolean;
  /** What fires is told again so often: the receiver forgets what it is not reminded of. */
  readonly refreshMs?: number;
}

/** A channel with its secrets as such. */
export type ChannelConfig = Omit<ChannelInput, "url" | "token" | "key" | "password"> & {
  id: string;
  url?: Secret | undefined;
  token?: Secret | undefined;
  key?: Secret | undefined;
  password?: Secret | undefined;
};

/** What notifiers are made with. */
export interface NotifierParts {
  clock: Clock;
  log: Logger;
  world: MessageWorld;
  /** Where the channel may not lead; undefined for one that the config trusts. */
  guard?: TargetGuard | undefined;
  /** Publishes on the broker of this server; resolves with whether the broker has taken it. */
  publish(topic: string, body: unknown): Promise<boolean>;
}

/** A kind of notifier. */
export interface NotifierKind {
  readonly kind: ChannelKind;
  readonly manner: Manner;
  open(channel: ChannelConfig, parts: NotifierParts): Notifier;
}
