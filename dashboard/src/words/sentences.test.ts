import { expect, test } from "vitest";
import { translator } from "./sentences.js";
import { zhSentences } from "./zhSentences.js";

const say = translator(zhSentences);

test("every sentence has its Chinese, which fills in nothing that the English has not", () => {
  const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  for (const [said, chinese] of zhSentences) {
    expect(chinese, said).toMatch(/[\u4e00-\u9fff]/);
    for (const place of places(chinese)) expect(places(said), said).toContain(place);
    // What is filled in as it stands reads as itself.
    const filled = said.replace(/\{\w+\}/g, "7").replace(/\{([^{}|]+)\|[^{}]+\}/g, "$1");
    expect(say(filled), said).toBe(chinese.replace(/\{\w+\}/g, "7"));
  }
  expect(new Set(zhSentences.map(([said]) => said)).size).toBe(zhSentences.length);
});

test.each([
  ["Chip 101 °C, limit 95 °C, stated by the rig's firmware", "芯片 101 °C，限值 95 °C，由矿机固件标明"],
  [
    "Chip 101 °C, limit 95 °C, own baseline; board 2 is 9.5 °C hotter than the others",
    "芯片 101 °C，限值 95 °C，按自身平时水平；2 号板比其他板高 9.5 °C",
  ],
  [
    "200 rigs; rack-3/7: No answer: nothing arrives from agent hall-1; last answer 2026-11-26 22:06 UTC",
    "200 台矿机；rack-3/7：没有应答：代理 hall-1 没有传来数据；最后一次应答 2026-11-26 22:06 UTC",
  ],
  [
    "Hashes 0 TH/s, 0 % of the 95 that its firmware aims at, limit 90 %; its state is fault",
    "算力 0 TH/s，为固件目标 95 TH/s 的 0 %，限值 90 %；状态为故障",
  ],
  ["1 of 3 boards does not work any more, the one in slot 2", "3 块算力板中有 1 块不再工作：插槽 2"],
  ["2 of 3 boards do not work any more, those in slots 1, 2", "3 块算力板中有 2 块不再工作：插槽 1, 2"],
  ["Fault F1, fan lost; Replace the fan.", "故障 F1：fan lost; Replace the fan."],
  [
    "Board 70 °C, limit 75 °C, of a maker; 22nd time in 13 min; clear for 2 of 5 min",
    "算力板 70 °C，限值 75 °C，of a maker；13 分钟内第 22 次；已恢复 2 / 5 分钟",
  ],
  [
    "sourced, firmware-source (firmware constant of a maker)",
    "有出处，固件源码 (firmware constant of a maker)",
  ],
  ["Fired: Inlet air 41 °C, limit 40 °C", "触发：进风 41 °C，限值 40 °C"],
])("%s", (said, chinese) => expect(say(said)).toBe(chinese));

test("what nobody knows stays as the server says it, however it looks", () => {
  for (const text of [
    "",
    ";",
    "Warm chips: chipTempC 101 (chipTempC > 85 for 2m)",
    "a; b",
    "x".repeat(5_000),
  ])
    expect(say(text)).toBeUndefined();
  // No text takes the browser's time: a search that tries every way of reading one would take far longer.
  const from = performance.now();
  say(`Chip ${", limit ".repeat(100)}`);
  expect(performance.now() - from).toBeLessThan(5_000);
});
