/** Ways to tell somebody of alerts. */
export const CHANNEL_KINDS = [
  "webhook",
  "alertmanager",
  "email",
  "telegram",
  "discord",
  "slack",
  "ntfy",
  "mqtt",
  "log",
] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** Keys of a channel that are secrets: they are told to the server and never by it. */
export const CHANNEL_SECRETS = ["url", "token", "key", "password"] as const;
export type ChannelSecret = (typeof CHANNEL_SECRETS)[number];

/** What a channel of each kind needs and may have, besides its name. */
export const CHANNEL_FIELDS: Readonly<
  Record<ChannelKind, { needs: readonly ChannelField[]; may: readonly ChannelField[] }>
> = {
  webhook: { needs: ["url"], may: ["key", "ca"] },
  alertmanager: { needs: ["url"], may: ["token", "ca"] },
  email: { needs: ["host", "from", "to"], may: ["port", "tls", "username", "password", "ca"] },
  telegram: { needs: ["token", "chat"], may: ["url"] },
  discord: { needs: ["url"], may: [] },
  slack: { needs: ["url"], may: [] },
  ntfy: { needs: ["url"], may: ["token", "ca"] },
  mqtt: { needs: [], may: [] },
  log: { needs: [], may: [] },
};

/** A key of a channel that only some kinds have. */
export type ChannelField =
  | ChannelSecret
  | "chat"
  | "host"
  | "port"
  | "tls"
  | "username"
  | "from"
  | "to"
  | "ca";
