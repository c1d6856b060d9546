import type { enWhy } from "./enWhy.js";

/** 简体中文 of what stands behind "why?". */
export const zhWhy: Record<keyof typeof enWhy, string> = {
  "why.label": "{what}的依据",
  "why.noInput": "未设置{what}。",
  "why.noPower": "矿机未上报功率，也没有模型估算。",
  "why.noHashrate": "矿机未上报算力。",
  "why.zeroHashrate": "矿机当前没有算力。",
  "why.nameplateJPerTh": "铭牌 J/TH",
  "why.nameplate": "按铭牌，由运行的算力板、功耗模式和算力推算，不超过铭牌功率。",
  "why.atNameplate": "按铭牌推算且不超过铭牌功率：算力高于额定，按额定计。",
  "why.meter": "本矿机的电表 {meter}：{power}。",
  "why.meterShared": "{n} 台矿机共用的电表 {meter}：{power}，按各机自报功率分摊。",
  "why.ownPower": "矿机自报：{power}，{source}。",
  "why.ratedMode": "{mode} 模式下，运行中的算力板按铭牌功率耗电，与实际算力无关。",
  "why.byTarget": "铭牌 J/TH 乘以固件的目标算力 {target}，仅计运行中的算力板，不超过铭牌功率。",
  "why.lostChips": "铭牌 J/TH 乘以算力，算力板失效的芯片按仍在运算计（它们仍耗电），不超过铭牌功率。",
  "why.standby": "矿机未在挖矿：控制板与电源约 20 W，另加按转速计的风扇功率。",
  "why.standbyAndFans": "待机 + 风扇",
  "why.unknown": "{what}未知。",
  "why.otherAlgo": "单位算力收益适用于 SHA-256；该矿机算法为 {algo}。",
  "alert.judgedBy": "判断依据：",
};
