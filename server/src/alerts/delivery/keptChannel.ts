import { type ChannelInput, channelInputSchema } from "@hashwatt/protocol/alerting";
import { CHANNEL_SECRETS, type ChannelSecret } from "@hashwatt/protocol/channelKinds";
import { z } from "zod";
import type { SecretBox } from "../../sealing/secretBox.js";
import { Secret } from "../../secret.js";
import type { StoredDocument } from "../../store/state/documents.js";
import { channelProblem } from "../notifiers/channelProblem.js";
import type { ChannelConfig, Notifier } from "../notifiers/notifier.js";

const keptSchema = channelInputSchema.extend({
  /** The secrets as JSON, sealed for this channel. */
  sealed: z.string().optional(),
  /** Which they are. */
  secrets: z.array(z.enum(CHANNEL_SECRETS)).optional(),
});

/** A channel that was made on the page, as the state has it. */
export interface KeptChannel {
  config: ChannelConfig;
  /** Secrets that it had and that cannot be opened any more. */
  lost: ChannelSecret[];
  /** It lies there with secrets in clear, as an older version wrote it. */
  clear?: ChannelInput;
}

const sealedOf = (id: string): string => `channel ${id}`;

/** What is kept of a channel: its secrets are sealed. Throws ServerError `dataFolder` where there can be no key. */
export function keptBody(box: SecretBox, id: string, input: ChannelInput): unknown {
  const secrets = CHANNEL_SECRETS.filter((key) => input[key] !== undefined);
  if (!secrets.length) return input;
  const apart = Object.fromEntries(secrets.map((key) => [key, input[key]]));
  const rest = Object.fromEntries(Object.entries(input).filter(([key]) => !(key in apart)));
  return { ...rest, secrets, sealed: box.seal(JSON.stringify(apart), sealedOf(id)) };
}

/** A channel of the state; undefined for a document that makes no sense. */
export function readChannel(box: SecretBox, { id, body }: StoredDocument): KeptChannel | undefined {
  const parsed = keptSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { sealed, secrets = [], ...rest } = parsed.data;
  const opened = sealed === undefined ? undefined : box.open(sealed, sealedOf(id));
  const told = opened === undefined ? {} : (JSON.parse(opened) as Partial<ChannelInput>);
  const lost = secrets.filter((key) => told[key] === undefined && rest[key] === undefined);
  const config = secretly(id, { ...rest, ...told });
  if (!lost.length && channelProblem(config)) return undefined;
  const isClear = CHANNEL_SECRETS.some((key) => rest[key] !== undefined);
  return { config, lost, ...(isClear && { clear: rest }) };
}

/** A channel whose secrets do not print themselves. */
export function secretly(id: string, { url, token, key, password, ...rest }: ChannelInput): ChannelConfig {
  const told = (text: string | undefined) => (text === undefined ? undefined : new Secret(text));
  return { ...rest, id, url: told(url), token: told(token), key: told(key), password: told(password) };
}

/** In words, what a channel without its secrets needs. */
export const lostText = (lost: readonly ChannelSecret[]): string =>
  `${lost.join(", ")} must be entered again: the key that sealed ${lost.length > 1 ? "them" : "it"} is not here`;

/** Stands in for a channel without its secrets: messages wait for a day for them to be told again. */
export const lockedNotifier = (id: string, lost: readonly ChannelSecret[]): Notifier => ({
  id,
  problem: lostText(lost),
  deliver: async () => ({ kind: "retry", reason: lostText(lost) }),
});
