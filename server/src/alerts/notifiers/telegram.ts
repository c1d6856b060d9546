import { MESSAGE_ALERTS } from "../messages/alertMessage.js";
import { html } from "../messages/escapes.js";
import { fitted, type MessageText, messageText, moreText } from "../messages/messageText.js";
import { httpPost } from "./httpPost.js";
import type { NotifierKind } from "./notifier.js";

/** Telegram takes 4,096 characters after it has read the marks; what is sent is longer than that, never shorter. */
const MOST = 4_000;

const link = (url: string, text: string): string => `<a href="${html(url)}">${text}</a>`;

const render = ({ title, items, more, link: all }: MessageText): string =>
  [
    ...(items.length === 1 ? [] : [`<b>${html(title)}</b>`]),
    ...items.map((item) =>
      [
        `<b>${html(item.head)}</b>`,
        ...item.lines.map(html),
        ...(item.link ? [link(item.link, "Open in Hashwatt")] : []),
      ].join("\n"),
    ),
    ...(more ? [moreText(more)] : []),
    ...(all ? [link(all, "All alerts")] : []),
  ].join("\n\n");

/** Sends messages to a chat by a bot; `url` is of a Bot API server of one's own. */
export const telegram: NotifierKind = {
  kind: "telegram",
  manner: { human: true, most: MESSAGE_ALERTS },
  open: ({ id, token, chat, url }, { clock, guard, world }) => ({
    id,
    deliver(message, signal) {
      const base = (url?.reveal() ?? "https://api.telegram.org").replace(/\/+$/, "");
      const text = JSON.stringify({
        chat_id: chat,
        parse_mode: "HTML",
        link_preview_options: { is_disabled: true },
        text: fitted(messageText(message, world), MOST, render),
      });
      return httpPost({ url: `${base}/bot${token!.reveal()}/sendMessage`, text, guard }, clock, signal);
    },
  }),
};
