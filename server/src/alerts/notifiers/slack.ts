import { MESSAGE_ALERTS } from "../messages/alertMessage.js";
import { mrkdwn } from "../messages/escapes.js";
import { asPlain, fitted, type MessageText, messageText, moreText } from "../messages/messageText.js";
import { httpPost } from "./httpPost.js";
import type { NotifierKind } from "./notifier.js";

/** Slack takes 50 blocks of 3,000 characters; a page of text is less. */
const MOST_ITEMS = 20;
const MOST = 12_000;

const plain = (text: string) => ({ type: "plain_text", text, emoji: false });

/** Blocks in which only links of ours are markup: all else is of the kind that Slack does not read marks in. */
function blocksOf({ title, items, more, link }: MessageText): object[] {
  const blocks: object[] = items.length === 1 ? [] : [{ type: "section", text: plain(title.slice(0, 150)) }];
  for (const item of items) {
    blocks.push({ type: "section", text: plain([item.head, ...item.lines].join("\n").slice(0, 3_000)) });
    if (item.link)
      blocks.push({
        type: "context",
        elements: [{ type: "mrkdwn", text: `<${mrkdwn(item.link)}|Open in Hashwatt>` }],
      });
  }
  if (more) blocks.push({ type: "section", text: plain(moreText(more)) });
  if (link)
    blocks.push({ type: "context", elements: [{ type: "mrkdwn", text: `<${mrkdwn(link)}|All alerts>` }] });
  return blocks;
}

/** Sends messages to an incoming webhook of Slack, or of what speaks the same (Mattermost). */
export const slack: NotifierKind = {
  kind: "slack",
  manner: { human: true, most: MESSAGE_ALERTS },
  open: ({ id, url }, { clock, guard, world }) => ({
    id,
    deliver(message, signal) {
      const whole = messageText(message, world);
      const left = whole.items.slice(MOST_ITEMS).reduce((sum, { count }) => sum + count, 0);
      const shown = { ...whole, items: whole.items.slice(0, MOST_ITEMS), more: whole.more + left };
      // What is read aloud and shown where there is no room for blocks.
      const text = mrkdwn(fitted(shown, MOST, asPlain).slice(0, 3_000));
      const body = JSON.stringify({ text, mrkdwn: false, unfurl_links: false, blocks: blocksOf(shown) });
      return httpPost({ url: url!.reveal(), text: body, guard }, clock, signal);
    },
  }),
};
