import type { enAir } from "./enAir.js";

/** 简体中文 of a site's air and of its meters. */
export const zhAir: Record<keyof typeof enAir, string> = {
  "air.title": "环境",
  "air.note": "传感器，24 小时",
  "air.at.ambient": "场地",
  "air.at.row": "列",
  "air.at.inlet": "进风",
  "air.range": "24 小时 {low}–{high}",
  "air.never": "尚无数据",
  "air.silent": "已 {age} 无数据",
  "air.open": "{meter} 的历史",
  "air.more": "另有 {n} 个传感器：GET /api/sites/…/air",
  "air.chart": "{meter}：均值，色带为极值",
  "air.history": "{meter}，历史",
  "air.close": "关闭",
  "air.30d": "30 天",
  "meters.all": "{n} 个电表，均有数据",
  "meters.silent": "{n} 个电表中 {silent} 个无数据",
};
