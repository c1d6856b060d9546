import { channelInputSchema } from "@hashwatt/protocol/alerting";
import { CHANNEL_SECRETS } from "@hashwatt/protocol/channelKinds";
import { SLUG } from "@hashwatt/protocol/slug";
import { z } from "zod";
import { channelProblem } from "../alerts/notifiers/channelProblem.js";
import type { ChannelConfig } from "../alerts/notifiers/notifier.js";
import { ServerError } from "../error.js";
import { Secret } from "../secret.js";
import { readSecret, readText } from "./secretFile.js";

const secret = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));
const file = z.string().min(1).optional();

const channelSchema = channelInputSchema.omit({ url: true, token: true, key: true, password: true }).extend({
  id: z.string().regex(SLUG, "must be a name of a–z, 0–9 and hyphens, at most 64"),
  url: secret.optional(),
  /** Files whose first line is the secret; they keep it out of this one. */
  urlFile: file,
  token: secret.optional(),
  tokenFile: file,
  key: secret.optional(),
  keyFile: file,
  password: secret.optional(),
  passwordFile: file,
  /** A file with `ca`. */
  caFile: file,
});

const DEFAULTS = { resolveHoldMs: 300_000, channels: [], privateTargets: false };

/** How alerts are judged and told. */
export const alertsSchema = z
  .strictObject({
    /** A firing overheating alert ends when it has been clear for so long; less lets it flap, more than 5 minutes is 5 minutes. */
    resolveHoldMs: z.int().min(0).max(300_000).default(DEFAULTS.resolveHoldMs),
    /** Ways to tell somebody. What is named here may lead anywhere; further ones are made on the Alerts page. */
    channels: z.array(channelSchema).max(32).default(DEFAULTS.channels),
    /** Seals the secrets of channels that are made on the page, at least 32 characters; without it a file in the data folder has a key. */
    secretsKey: secret.optional(),
    secretsKeyFile: file,
    /** true: channels that are made on the page or by the API may lead to private and local addresses too. */
    privateTargets: z.boolean().default(DEFAULTS.privateTargets),
    /** Called every minute while the server is well, so that somebody else notices when it is not. */
    deadMan: z
      .strictObject({
        url: secret.optional(),
        urlFile: file,
        everyMs: z.int().min(10_000).max(3_600_000).default(60_000),
      })
      .optional(),
  })
  .default(DEFAULTS);
export type AlertsConfig = z.infer<typeof alertsSchema>;

/**
 * Puts the secrets of channels that lie in files where the config would hold them itself, and refuses channels that cannot
 * work. Throws ServerError `config`.
 */
export function readChannels(alerts: AlertsConfig, from: string): void {
  const seen = new Set<string>();
  for (const [i, channel] of alerts.channels.entries()) {
    const at = `alerts.channels[${i}]`;
    for (const key of CHANNEL_SECRETS) {
      const read = readSecret({
        place: `${from}: ${at}`,
        key,
        secret: channel[key],
        file: channel[`${key}File`],
        filePlace: `${from}: ${at}.${key}File`,
      });
      if (read) channel[key] = read;
    }
    if (channel.caFile !== undefined) {
      if (channel.ca !== undefined)
        throw new ServerError("config", `${from}: ${at} has both ca and caFile; keep one`);
      channel.ca = readText(channel.caFile, `${from}: ${at}.caFile`);
    }
    const problem = channelProblem(channel as ChannelConfig);
    if (problem) throw new ServerError("config", `${from}: ${at}.${problem.key}: ${problem.message}`);
    if (seen.has(channel.id) || channel.id === "webhook")
      throw new ServerError(
        "config",
        `${from}: ${at}.id: ${seen.has(channel.id) ? "is there twice; keep one" : "is the name of the key webhook; choose another"}`,
      );
    seen.add(channel.id);
  }
  const sealing = readSecret({
    place: `${from}: alerts`,
    key: "secretsKey",
    secret: alerts.secretsKey,
    file: alerts.secretsKeyFile,
    filePlace: `${from}: alerts.secretsKeyFile`,
  });
  if (sealing && sealing.reveal().length < 32)
    throw new ServerError("config", `${from}: alerts.secretsKey: must have at least 32 characters`);
  if (sealing) alerts.secretsKey = sealing;
  const { deadMan } = alerts;
  if (!deadMan) return;
  const url = readSecret({
    place: `${from}: alerts.deadMan`,
    key: "url",
    secret: deadMan.url,
    file: deadMan.urlFile,
    filePlace: `${from}: alerts.deadMan.urlFile`,
  });
  if (!url || !/^https?:\/\//.test(url.reveal()) || !URL.canParse(url.reveal()))
    throw new ServerError("config", `${from}: alerts.deadMan.url: must be an http(s) URL`);
  deadMan.url = url;
}

/** The key of a variable such as HASHWATT_SERVER_CHANNEL_OPS_TOKEN: the secret of a channel that the file names. */
export function channelOfVariable(
  rest: string,
  file: Record<string, unknown>,
): { channel: Record<string, unknown>; key: string } | undefined {
  const channels = (file.alerts as { channels?: unknown } | undefined)?.channels;
  if (!Array.isArray(channels)) return undefined;
  for (const channel of channels as (Record<string, unknown> | null)[]) {
    if (typeof channel?.id !== "string") continue;
    const prefix = `CHANNEL_${channel.id.toUpperCase().replaceAll("-", "_")}_`;
    const key = CHANNEL_SECRETS.find((name) => rest === `${prefix}${name.toUpperCase()}`);
    if (key) return { channel, key };
  }
  return undefined;
}
