import { beginning, plainText } from "@hashwatt/protocol/plainText";

/** What a stranger's text may take of a message. */
const MOST = 240;

/**
 * A text of a rig, agent or operator for a message: one line, bounded, and no address that a program would make a link of:
 * who reads an alert must not be led elsewhere by the rig that it is about.
 */
export const tame = (text: string, most = MOST): string =>
  beginning(plainText(text).replace(/\s+/g, " ").replaceAll("://", ": //").trim(), most);

/** For HTML, between tags and in quoted attributes; what Telegram asks for too. */
export const html = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");

/** For Discord's Markdown: every mark that could begin something stands for itself. */
export const markdown = (text: string): string => text.replace(/[\\`*_~|>#[\]()<@:!+.-]/g, "\\$&");

/** For Slack's mrkdwn, where these three begin links, names and entities. */
export const mrkdwn = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
