/** 简体中文：告警原因后的附注和限值的出处。What is added to a reason, and where limits come from, a part of `zhSentences`. */
export const zhAdded: readonly (readonly [said: string, chinese: string])[] = [
  // Behind any reason, both behind one.
  ["{reason}; clear for {n} of {all} min", "{reason}；已恢复 {n} / {all} 分钟"],
  ["{reason}; {nth}st time in {n} min", "{reason}；{n} 分钟内第 {nth} 次"],
  ["{reason}; {nth}nd time in {n} min", "{reason}；{n} 分钟内第 {nth} 次"],
  ["{reason}; {nth}rd time in {n} min", "{reason}；{n} 分钟内第 {nth} 次"],
  ["{reason}; {nth}th time in {n} min", "{reason}；{n} 分钟内第 {nth} 次"],
  ["{reason}; {nth}st time in {n} h", "{reason}；{n} 小时内第 {nth} 次"],
  ["{reason}; {nth}nd time in {n} h", "{reason}；{n} 小时内第 {nth} 次"],
  ["{reason}; {nth}rd time in {n} h", "{reason}；{n} 小时内第 {nth} 次"],
  ["{reason}; {nth}th time in {n} h", "{reason}；{n} 小时内第 {nth} 次"],
  ["limit of its board", "按其算力板的限值"],
  ["at least the limit of its board, {t}", "至少为其算力板的限值 {t}"],
  ["sourced, firmware-source ({name})", "有出处，固件源码 ({name})"],
  ["sourced, vendor-doc ({name})", "有出处，厂家文档 ({name})"],
  ["sourced, other-tool-default ({name})", "有出处，其他工具的默认值 ({name})"],
  ["sourced, community ({name})", "有出处，社区资料 ({name})"],
];
