import { expect, test } from "vitest";
import { translator } from "../words/sentences.js";
import { zhSentences } from "../words/zhSentences.js";
import { tryLine } from "./tryLine.js";

const say = translator(zhSentences);
const said = (text: string) => say(text) ?? text;

test.each([
  [
    'with {"limit":0.8} hashrateLow would have fired 3 times of 2 of 48 rigs, 1.5 h together (47 could be judged, by single readings, with history of 99.0 % of the time)',
    '设置 {"limit":0.8}：hashrateLow 将触发 3 次，涉及 2（共 48 台矿机），合计 1.5 小时（可判断 47，按单次读数，99.0 % 的时间有历史数据）',
  ],
  [
    "siteOutage would have fired 0 times of 0 of 1 sites, 0.0 h together (1 could be judged, by 5-minute rows and the prices that are known now, with history of 4.2 % of the time)",
    "siteOutage 将触发 0 次，涉及 0（共 1 个站点），合计 0.0 小时（可判断 1，按 5 分钟数据和目前已知的价格，4.2 % 的时间有历史数据）",
  ],
  [
    "2026-11-27T05:03 rack-1/3: Told with others like it, as one",
    "2026-11-27T05:03 rack-1/3: 与同类告警合并通知",
  ],
  ["something else", "something else"],
])("a line of a job is said, names and times stay: %s", (line, chinese) =>
  expect(tryLine(line, said)).toBe(chinese),
);
