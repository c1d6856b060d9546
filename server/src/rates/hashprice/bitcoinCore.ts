import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ServerError } from "../../error.js";
import { openSlot } from "../fetch/openSlot.js";
import type { RateFetcher, RateQuestion } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import { everyMs, keySchema, revealed, sourceKeys, urlSchema } from "../fetch/sourceSchema.js";
import type { SeriesSlots } from "../rateSeriesStore.js";
import type { Slot } from "../slot.js";
import { NETWORK_SERIES } from "./network.js";
import { notMoreOftenThanHourly } from "./notMoreOften.js";

/** Blocks whose fees are averaged: a day of them. */
const BLOCKS = 144;
/** Blocks that may still be replaced by others are asked for again. */
const UNSETTLED = 6;
/** Questions in one request: a node reads each block from its disk. */
const BATCH = 36;

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("bitcoin-core"),
  /** The node's RPC. */
  url: urlSchema("http://127.0.0.1:8332"),
  user: z.string().min(1).max(100).optional(),
  password: keySchema.optional(),
  /** The node's own `.cookie`, in the place of user and password; it is another after each start of the node. */
  cookieFile: z.string().min(1).optional(),
});

const answersSchema = z
  .array(z.object({ id: z.int(), result: z.unknown(), error: z.object({ message: z.string() }).nullish() }))
  .max(BATCH);
const statsSchema = z.object({ totalfee: z.int().nonnegative() });

/** Difficulty, height and fees of a Bitcoin Core node. It knows everything but a price. */
export const bitcoinCore = sourceKind(schema, (config): RateFetcher => {
  const url = new URL(config.url);
  /** Fees in satoshi by height, of the last blocks. */
  const fees = new Map<number, number>();
  const authorization = async (): Promise<Record<string, string>> => {
    const user =
      config.cookieFile !== undefined
        ? await cookie(config.cookieFile)
        : config.user !== undefined && config.password
          ? `${config.user}:${revealed(config.password)}`
          : undefined;
    return user === undefined ? {} : { authorization: `Basic ${Buffer.from(user).toString("base64")}` };
  };
  type Call = readonly [method: string, params: readonly unknown[]];
  const ask = async (calls: readonly Call[], { http }: RateQuestion, signal: AbortSignal) => {
    const body = calls.map(([method, params], id) => ({ jsonrpc: "1.0", id, method, params }));
    const answers = await http.json(url, answersSchema, signal, { headers: await authorization(), body });
    const byId = new Map(answers.map((answer) => [answer.id, answer]));
    return calls.map((_, id) => byId.get(id));
  };
  /** Learns the fees of the last blocks; returns why that cannot be done. */
  const learn = async (
    height: number,
    question: RateQuestion,
    signal: AbortSignal,
  ): Promise<string | undefined> => {
    const from = Math.max(0, height - BLOCKS + 1);
    for (const known of fees.keys()) if (known < from || known > height - UNSETTLED) fees.delete(known);
    const missing = Array.from({ length: height - from + 1 }, (_, i) => from + i).filter(
      (each) => !fees.has(each),
    );
    for (let first = 0; first < missing.length; first += BATCH) {
      const part = missing.slice(first, first + BATCH);
      const answers = await ask(
        part.map((each) => ["getblockstats", [each, ["totalfee"]]] as const),
        question,
        signal,
      );
      for (const [i, answer] of answers.entries()) {
        const stats = statsSchema.safeParse(answer?.result);
        if (!stats.success) return answer?.error?.message.slice(0, 200) ?? "another answer than expected";
        fees.set(part[i]!, stats.data.totalfee);
      }
    }
    return undefined;
  };
  return {
    id: config.id,
    kind: config.kind,
    series: Object.values(NETWORK_SERIES),
    everyMs: everyMs(config, 10),
    async fetch(question, signal) {
      const { nowMs, lacks } = question;
      const [told, blocks] = await ask(
        [
          ["getdifficulty", []],
          ["getblockcount", []],
        ],
        question,
        signal,
      );
      const difficulty = z.number().safeParse(told?.result).data;
      const height = z.int().nonnegative().safeParse(blocks?.result).data;
      const slot = (value: number): Slot[] => [openSlot(value, `Bitcoin Core at ${url.host}`, nowMs, nowMs)];
      const parts: SeriesSlots[] = [];
      if (difficulty === undefined || !(difficulty > 0)) lacks(`the node at ${url.host} tells no difficulty`);
      else parts.push({ series: NETWORK_SERIES.difficulty, slots: slot(difficulty) });
      if (height === undefined) {
        lacks(`the node at ${url.host} tells no height`);
        return parts;
      }
      const own: SeriesSlots[] = [{ series: NETWORK_SERIES.height, slots: slot(height) }];
      const why = await learn(height, question, signal);
      if (why !== undefined) lacks(`the node at ${url.host} tells no fees: ${why}`);
      else {
        const sats = [...fees.values()].reduce((sum, each) => sum + each, 0);
        own.push({ series: NETWORK_SERIES.fees, slots: slot(sats / fees.size / 1e8) });
      }
      return [...parts, ...notMoreOftenThanHourly(own, question)];
    },
  };
});

async function cookie(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).split(/\r?\n/, 1)[0]!;
  } catch (cause) {
    throw new ServerError(
      "sourceFailed",
      `cannot read the node's cookie ${path} (${(cause as NodeJS.ErrnoException).code})`,
      {
        cause,
        retryable: true,
      },
    );
  }
}
