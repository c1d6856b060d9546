import { MESSAGE_ALERTS } from "../messages/alertMessage.js";
import { markdown } from "../messages/escapes.js";
import { fitted, type MessageText, messageText, moreText } from "../messages/messageText.js";
import { httpPost } from "./httpPost.js";
import type { NotifierKind } from "./notifier.js";

/** Discord takes 2,000 characters. */
const MOST = 1_950;

const render = ({ title, items, more, link }: MessageText): string =>
  [
    ...(items.length === 1 ? [] : [`**${markdown(title)}**`]),
    ...items.map((item) =>
      [
        `**${markdown(item.head)}**`,
        ...item.lines.map(markdown),
        ...(item.link ? [`[Open in Hashwatt](<${item.link}>)`] : []),
      ].join("\n"),
    ),
    ...(more ? [moreText(more)] : []),
    ...(link ? [`[All alerts](<${link}>)`] : []),
  ].join("\n\n");

/** Sends messages to the webhook of a Discord channel; nothing in them mentions anybody. */
export const discord: NotifierKind = {
  kind: "discord",
  manner: { human: true, most: MESSAGE_ALERTS },
  open: ({ id, url }, { clock, guard, world }) => ({
    id,
    deliver(message, signal) {
      const text = JSON.stringify({
        content: fitted(messageText(message, world), MOST, render),
        allowed_mentions: { parse: [] },
        username: "Hashwatt",
      });
      return httpPost({ url: url!.reveal(), text, guard }, clock, signal);
    },
  }),
};
