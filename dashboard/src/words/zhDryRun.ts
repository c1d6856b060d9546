/** 简体中文：历史试算的结果。What a job that tries a rule says of what it found, a part of `zhSentences`. */
export const zhDryRun: readonly (readonly [said: string, chinese: string])[] = [
  [
    "with {settings} {rule} would have fired {n} times of {rigs} of {all}, {h} h together ({judged} could be judged, {by}, with history of {share} % of the time)",
    "设置 {settings}：{rule} 将触发 {n} 次，涉及 {rigs}（共 {all}），合计 {h} 小时（可判断 {judged}，{by}，{share} % 的时间有历史数据）",
  ],
  [
    "{rule} would have fired {n} times of {rigs} of {all}, {h} h together ({judged} could be judged, {by}, with history of {share} % of the time)",
    "{rule} 将触发 {n} 次，涉及 {rigs}（共 {all}），合计 {h} 小时（可判断 {judged}，{by}，{share} % 的时间有历史数据）",
  ],
  [
    "by 5-minute rows, in which a shorter breach may be lost, and single readings from {at} on",
    "先按 5 分钟数据（较短的越限可能遗漏），自 {at} 起按单次读数",
  ],
  ["by 5-minute rows, in which a shorter breach may be lost", "按 5 分钟数据，较短的越限可能遗漏"],
  ["by 5-minute rows and the prices that are known now", "按 5 分钟数据和目前已知的价格"],
  ["by the heights of blocks that are stored", "按已存的区块高度"],
  ["by single readings", "按单次读数"],
  ["{n} sites", "{n} 个站点"],
  ["{n} agents", "{n} 个代理"],
  ["{n} pools", "{n} 个矿池"],
  ["{n} markets", "{n} 个市场"],
];
