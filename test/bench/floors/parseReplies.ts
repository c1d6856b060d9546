import { cpuOf, serve } from "../worker.js";

/** The barest reading of replies, over and over for `ms`. */
export interface ParseRun {
  texts: string[];
  ms: number;
}

/** `Key[value]` of an Avalon, which stand in one JSON string. */
const TOKEN = /([A-Za-z0-9_]+)\[([^\]]*)\]/g;

/** `JSON.parse`; an Avalon's tokens by one pattern; the text form by its separators. */
function parse(text: string): unknown {
  if (text.startsWith("STATUS=")) return text.split("|").map((row) => row.split(","));
  const parsed: unknown = JSON.parse(text);
  return text.includes('"MM ID') ? [...text.matchAll(TOKEN)] : parsed;
}

serve({
  async run({ texts, ms }: ParseRun) {
    const { value, cpuUs } = await cpuOf(async () => {
      const until = performance.now() + ms;
      let replies = 0;
      let kept: unknown;
      while (performance.now() < until)
        for (const text of texts) {
          kept = parse(text);
          replies++;
        }
      if (kept === undefined) throw new Error("nothing was parsed");
      return replies;
    });
    return { replies: value, cpuUs };
  },
});
