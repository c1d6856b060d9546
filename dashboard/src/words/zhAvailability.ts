import type { enAvailability } from "./enAvailability.js";

/** 简体中文 of how much of their time rigs were up. */
export const zhAvailability: Record<keyof typeof enAvailability, string> = {
  "availability.title": "可用率",
  "availability.week": "最近 7 天",
  "availability.ratio": "（占已读取且非计划停机的时间）",
  "availability.up": "运行",
  "availability.down": "停机",
  "availability.planned": "计划停机",
  "availability.unknown": "未读取",
  "availability.loading": "正在汇总一周…",
  "availability.note":
    "运行：挖矿或启动中。停机：静止或无应答，且未列入计划。计划停机：计划覆盖的时间，无论当时状态。未读取：没有代理读取。精确到五分钟。",
  "availability.noteSite":
    "全部矿机时间之和，不含维修或退役的矿机。运行：挖矿或启动中。停机：静止或无应答，且未列入计划。计划停机：计划覆盖的时间。未读取：没有代理读取。精确到五分钟。",
};
