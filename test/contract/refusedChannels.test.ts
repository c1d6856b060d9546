import { channelProblem } from "@hashwatt/server/alerts/notifiers/channelProblem";
import type { ChannelConfig } from "@hashwatt/server/alerts/notifiers/notifier";
import { Secret } from "@hashwatt/server/secret";
import { expect, test } from "vitest";
import { refusalSaid } from "../../dashboard/src/words/refusal.js";
import { translator } from "../../dashboard/src/words/sentences.js";
import { zhRefusals } from "../../dashboard/src/words/zhRefusals.js";

const say = translator(zhRefusals);

test("what keeps a channel from being used is known in Chinese", () => {
  const secret = (text: string) => new Secret(text);
  const channels = [
    { kind: "email" },
    { kind: "log", url: secret("https://a.example") },
    { kind: "webhook", url: secret("ftp://a.example") },
    { kind: "ntfy", url: secret("https://a.example") },
    { kind: "webhook", url: secret("https://a.example"), token: secret("a b") },
    { kind: "webhook", url: secret("https://a.example"), ca: "x" },
  ] as unknown as ChannelConfig[];
  const said = channels.map((channel) => channelProblem({ ...channel, id: "c" })?.message);
  expect(said).not.toContain(undefined);
  expect(said.filter((text) => !/[\u4e00-\u9fff]/.test(refusalSaid(say, text!)))).toEqual([]);
});
