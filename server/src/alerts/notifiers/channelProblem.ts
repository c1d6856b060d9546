import { X509Certificate } from "node:crypto";
import { CHANNEL_FIELDS, type ChannelField } from "@hashwatt/protocol/channelKinds";
import type { ChannelConfig } from "./notifier.js";
import { ntfyTopic } from "./ntfyTopic.js";

const FIELDS: readonly ChannelField[] = [
  "url",
  "token",
  "key",
  "chat",
  "host",
  "port",
  "tls",
  "username",
  "password",
  "from",
  "to",
  "ca",
];

/** What keeps a channel from being used, by the key that it lies at; undefined where nothing does. The message holds no secret. */
export function channelProblem(channel: ChannelConfig): { key: string; message: string } | undefined {
  const { kind, url } = channel;
  const { needs, may } = CHANNEL_FIELDS[kind];
  for (const key of needs)
    if (channel[key] === undefined) return { key, message: `is missing: a channel of kind ${kind} needs it` };
  const odd = FIELDS.find((key) => channel[key] !== undefined && !needs.includes(key) && !may.includes(key));
  if (odd !== undefined)
    return {
      key: odd,
      message: `means nothing to a channel of kind ${kind}; it takes ${[...needs, ...may].join(", ") || "nothing"}`,
    };
  if (url && !isHttp(url.reveal())) return { key: "url", message: "must be an http(s) URL" };
  if (kind === "ntfy" && !ntfyTopic(new URL(url!.reveal())))
    return {
      key: "url",
      message: "must be the URL of a topic, such as https://ntfy.sh/a-name-nobody-guesses",
    };
  if (channel.token && !/^[\x21-\x7e]+$/.test(channel.token.reveal()))
    return { key: "token", message: "must be of printable ASCII without spaces" };
  if (channel.ca !== undefined && !isCertificates(channel.ca))
    return {
      key: "ca",
      message: "must be one or more certificates in PEM, each from BEGIN to END CERTIFICATE",
    };
  return undefined;
}

function isCertificates(pem: string): boolean {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  try {
    return Boolean(found?.every((each) => new X509Certificate(each)));
  } catch {
    return false;
  }
}

function isHttp(text: string): boolean {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
}
