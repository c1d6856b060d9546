import { MESSAGE_ALERTS } from "../messages/alertMessage.js";
import { asPlain, fitted, messageText } from "../messages/messageText.js";
import { httpPost } from "./httpPost.js";
import type { NotifierKind } from "./notifier.js";
import { ntfyTopic } from "./ntfyTopic.js";

/** ntfy makes an attachment of what has more than 4,096 bytes. */
const MOST_BYTES = 4_000;

const PRIORITY = { danger: 5, warning: 4, money: 4, notice: 3 } as const;

/** Publishes messages to a topic of an ntfy server; `url` is that of the topic. */
export const ntfy: NotifierKind = {
  kind: "ntfy",
  manner: { human: true, most: MESSAGE_ALERTS },
  open: ({ id, url, token, ca }, { clock, guard, world }) => ({
    id,
    deliver(message, signal) {
      const target = new URL(url!.reveal());
      // A URL that names none was refused.
      const { topic, before } = ntfyTopic(target)!;
      target.pathname = before;
      const shown = messageText(message, world);
      const worst = shown.items.find(({ ended }) => !ended);
      let text = fitted(shown, MOST_BYTES, asPlain);
      for (let most = MOST_BYTES; Buffer.byteLength(text) > MOST_BYTES; most -= 500)
        text = fitted(shown, most, asPlain);
      const click = shown.items.length === 1 ? (shown.items[0]?.link ?? shown.link) : shown.link;
      const body = JSON.stringify({
        topic,
        title: shown.title.slice(0, 250),
        message: text,
        priority: worst ? PRIORITY[worst.severity] : 2,
        ...(click !== undefined && { click }),
      });
      const headers = token && { authorization: `Bearer ${token.reveal()}` };
      return httpPost(
        { url: target.toString(), text: body, guard, ca, ...(headers && { headers }) },
        clock,
        signal,
      );
    },
  }),
};
