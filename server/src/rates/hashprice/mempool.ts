import { z } from "zod";
import { openSlot } from "../fetch/openSlot.js";
import { orLacking } from "../fetch/orLacking.js";
import type { RateFetcher, RateQuestion } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import { below, currencySchema, epochMs, everyMs, sourceKeys, urlSchema } from "../fetch/sourceSchema.js";
import type { SeriesSlots } from "../rateSeriesStore.js";
import type { Slot } from "../slot.js";
import { rewardStats, subsidySatsOver } from "./formula.js";
import { NETWORK_SERIES } from "./network.js";
import { notMoreOftenThanHourly } from "./notMoreOften.js";

const DAY_MS = 86_400_000;
/** After so long without a figure of height and fees those of the time between are asked for. */
const GAP_MS = 2 * 3_600_000;
/** Blocks whose fees are averaged: a day of them. */
const BLOCKS = 144;

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("mempool"),
  /** mempool.space, or a server of one's own with the same API. */
  url: urlSchema("https://mempool.space"),
  /** Currencies of which it is asked for the price of BTC; it knows USD, EUR, GBP, CAD, CHF, AUD and JPY. */
  currencies: z.array(currencySchema).max(7).default(["USD"]),
});

const hashrateSchema = z.object({
  difficulty: z
    .array(
      z.object({ time: z.number().optional(), timestamp: z.number().optional(), difficulty: z.number() }),
    )
    .default([]),
  currentDifficulty: z.number(),
});
/** Totals come as texts: they may exceed what a JSON number holds. */
const sats = z.union([
  z.int().nonnegative(),
  z
    .string()
    .regex(/^\d{1,20}$/)
    .transform(Number),
]);
const rewardSchema = z.object({
  startBlock: z.int().nonnegative(),
  endBlock: z.int().nonnegative(),
  totalReward: sats,
  totalFee: sats,
});
/** Means of stretches of blocks, fees in satoshi. */
const feesSchema = z.array(
  z.object({ avgHeight: z.number().nonnegative(), timestamp: z.number(), avgFees: z.number().nonnegative() }),
);
const pricesSchema = z.record(z.string(), z.number());

/** Figures of the network and the price of BTC from a server with mempool's API. 0 and −1 there mean that it does not know. */
export const mempool = sourceKind(schema, (config): RateFetcher => {
  const { host } = new URL(config.url);
  return {
    id: config.id,
    kind: config.kind,
    series: [...Object.values(NETWORK_SERIES), ...config.currencies.map((currency) => `btc/${currency}`)],
    everyMs: everyMs(config, 10),
    async fetch(question, signal) {
      const { http } = question;
      const get = <S extends z.ZodType>(path: string, shape: S) =>
        http.json(below(config.url, path), shape, signal);
      const last = question.last(NETWORK_SERIES.difficulty);
      const interval = spanName(
        last?.asOfMs === null || last === undefined ? 30 * DAY_MS : question.nowMs - last.asOfMs,
      );
      const parts: { series: string; slots: readonly Slot[] }[] = [
        difficultyOf(await get(`api/v1/mining/hashrate/${interval}`, hashrateSchema), question, host),
      ];
      const height = question.last(NETWORK_SERIES.height);
      if (!height || question.nowMs - height.startMs > GAP_MS) {
        const gap = spanName(height ? question.nowMs - height.startMs : 30 * DAY_MS);
        const past = await orLacking(get(`api/v1/mining/blocks/fees/${gap}`, feesSchema), question);
        parts.push(...pastOf(past ?? [], question, host));
      }
      const reward = rewardOf(
        await get(`api/v1/mining/reward-stats/${BLOCKS}`, rewardSchema),
        question,
        host,
      );
      for (const { series, slots } of reward) {
        const past = parts.find((part) => part.series === series);
        if (past) past.slots = [...past.slots, ...slots];
        else parts.push({ series, slots });
      }
      if (!config.currencies.length) return parts;
      const prices = await get("api/v1/prices", pricesSchema);
      for (const currency of config.currencies) {
        const value = prices[currency];
        if (value === undefined || value <= 0) question.lacks(`${host} knows no price of BTC in ${currency}`);
        else
          parts.push({
            series: `btc/${currency}`,
            slots: [openSlot(value, host, priceTime(prices.time, question.nowMs), question.nowMs)],
          });
      }
      return parts;
    },
  };
});

/** The shortest interval of its API that covers a gap. */
const spanName = (ms: number): string =>
  ms <= DAY_MS ? "24h" : ms <= 3 * DAY_MS ? "3d" : ms <= 7 * DAY_MS ? "1w" : ms <= 31 * DAY_MS ? "1m" : "1y";

/** A price is dated by its source unless that is nonsense. */
const priceTime = (time: number | undefined, nowMs: number): number => {
  const ms = time === undefined ? nowMs : epochMs(time);
  return ms > 0 && ms <= nowMs ? ms : nowMs;
};

function difficultyOf(
  { difficulty, currentDifficulty }: z.output<typeof hashrateSchema>,
  { nowMs, lacks }: RateQuestion,
  host: string,
): SeriesSlots {
  const steps = difficulty
    .flatMap(({ time, timestamp, difficulty: value }) => {
      const at = time ?? timestamp;
      return at === undefined || !(value > 0) ? [] : [{ startMs: epochMs(at), value }];
    })
    .filter(({ startMs }) => startMs <= nowMs)
    .sort((a, b) => a.startMs - b.startMs);
  if (currentDifficulty < 0 || (currentDifficulty === 0 && !steps.length))
    lacks(`${host} knows no difficulty (it says ${currentDifficulty})`);
  const known = steps.at(-1);
  if (currentDifficulty > 0 && (!known || Math.abs(currentDifficulty / known.value - 1) > 1e-9))
    steps.push({ startMs: nowMs, value: currentDifficulty });
  const series = NETWORK_SERIES.difficulty;
  const slots = steps.flatMap(({ startMs, value }, i): Slot[] => {
    const endMs = steps[i + 1]?.startMs ?? Number.POSITIVE_INFINITY;
    return endMs > startMs ? [{ startMs, endMs, value, source: host, asOfMs: Math.min(nowMs, endMs) }] : [];
  });
  return { series, slots };
}

/** Height and fees of the time that nobody asked in, up to now, and after what is held. */
function pastOf(
  told: z.output<typeof feesSchema>,
  { nowMs, last }: RateQuestion,
  host: string,
): { series: string; slots: Slot[] }[] {
  const { height, fees } = NETWORK_SERIES;
  const heldMs = last(height)?.startMs ?? 0;
  const points = told
    .map(({ timestamp, ...point }) => ({ ...point, startMs: epochMs(timestamp) }))
    .filter(({ startMs }) => startMs > heldMs && startMs < nowMs)
    .sort((a, b) => a.startMs - b.startMs)
    .filter(({ startMs }, i, all) => startMs !== all[i - 1]?.startMs);
  const slots = (value: (point: (typeof points)[number]) => number) =>
    points.map((point, i): Slot => {
      const endMs = points[i + 1]?.startMs ?? nowMs;
      return { startMs: point.startMs, endMs, value: value(point), source: host, asOfMs: point.startMs };
    });
  return [
    { series: height, slots: slots(({ avgHeight }) => Math.floor(avgHeight)) },
    { series: fees, slots: slots(({ avgFees }) => avgFees / 1e8) },
  ];
}

function rewardOf(
  { startBlock, endBlock, totalReward, totalFee }: z.output<typeof rewardSchema>,
  question: RateQuestion,
  host: string,
): SeriesSlots[] {
  const { nowMs, lacks } = question;
  const height = { series: NETWORK_SERIES.height, slots: [openSlot(endBlock, host, nowMs, nowMs)] };
  if (endBlock === 0) {
    lacks(`${host} knows no block`);
    return [];
  }
  // Reward less fees must be the subsidy to the satoshi: anything else are not the figures that we take them for.
  if (totalReward - totalFee !== subsidySatsOver(startBlock, endBlock)) {
    lacks(
      `${host}: reward less fees of blocks ${startBlock} to ${endBlock} is not their subsidy; fees are left out`,
    );
    return notMoreOftenThanHourly([height], question);
  }
  const { avgFeeBtc } = rewardStats(startBlock, endBlock, totalReward, totalFee);
  const fees = { series: NETWORK_SERIES.fees, slots: [openSlot(avgFeeBtc, host, nowMs, nowMs)] };
  return notMoreOftenThanHourly([height, fees], question);
}
