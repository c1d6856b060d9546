import type { Decoded, DecodeRun } from "./decodeReplies.js";
import { againstFloor, type Bench, type Figure } from "./figure.js";
import type { ParseRun } from "./floors/parseReplies.js";
import { median, pairedRatio } from "./statistics.js";
import { startWorker } from "./worker.js";

const ROUND_MS = 200;
const WARM_MS = 400;
/** What reading and decoding a reply may cost, in parsings of its text. */
const MOST = 4;
/** Where the floor makes no values: an Avalon's tokens hold lists of hundreds of chips, and the text form is keys and values. */
const MOST_OF: Record<string, number> = { avalon: 30, cgminer: 15 };

interface Round {
  replies: number;
  cpuUs: number;
}

/** CPU per reply of reading and decoding, dialect by dialect, against `JSON.parse` of the same replies; rounds alternate. */
export const bench: Bench = async ({ seconds, say }) => {
  const ours = startWorker("decodeReplies.ts");
  const floor = startWorker("floors/parseReplies.ts");
  try {
    const dialects = await ours.call<Decoded[]>("open");
    const pairs = Math.max(4, Math.round((seconds * 1_000) / dialects.length / (2 * ROUND_MS)));
    const figures: Figure[] = [];
    for (const { dialect, rigs, texts } of dialects) {
      say(`${dialect}, ${texts.length} replies of ${rigs} rigs`);
      const decode = (ms: number) => ours.call<Round>("run", { dialect, ms } satisfies DecodeRun);
      const parse = (ms: number) => floor.call<Round>("run", { texts, ms } satisfies ParseRun);
      await decode(WARM_MS);
      await parse(WARM_MS);
      const our: number[] = [];
      const bare: number[] = [];
      for (let pair = 0; pair < pairs; pair++) {
        // Who goes first changes, so that a drift of the machine favours neither.
        const [first, second] = pair % 2 ? [decode, parse] : [parse, decode];
        const a = await first(ROUND_MS);
        const b = await second(ROUND_MS);
        const [mine, its] = pair % 2 ? [a, b] : [b, a];
        our.push(mine.cpuUs / mine.replies);
        bare.push(its.cpuUs / its.replies);
      }
      const bytes = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
      figures.push(
        againstFloor(
          `CPU per reply, ${dialect}`,
          median(our),
          median(bare),
          "µs",
          { atMost: MOST_OF[dialect] ?? MOST },
          {
            ratio: pairedRatio(our, bare),
            note: `${texts.length} replies of ${rigs} rigs, ${Math.round(bytes)} bytes each on average`,
          },
        ),
      );
    }
    return figures;
  } finally {
    await Promise.all([ours.stop(), floor.stop()]);
  }
};
