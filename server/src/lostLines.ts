import type { Refusals } from "./refusals.js";
import type { LostLines } from "./store/influx/writer.js";

/** A reason that goes on is told again so seldom. */
const AGAIN_MS = 3_600_000;
const MAX_REASONS = 100;

/** Tells the operator of lines that an InfluxDB did not store: all are counted, a reason is an event when it is new. */
export class LostLineNotes {
  readonly #toldMs = new Map<string, number>();

  constructor(
    private readonly refusals: Pick<Refusals, "note">,
    private readonly events: { tell(kind: string, text: string): void },
    private readonly nowMs: () => number,
  ) {}

  note({ database, count, why, lines }: LostLines): void {
    const [line] = lines;
    const which = line === undefined ? "" : `, such as ${nameOf(line)}`;
    const text = `${count} ${count === 1 ? "line is" : "lines are"} not in InfluxDB's "${database}"${which}: ${why}`;
    this.refusals.note("store-lines", text, count);
    // The reason without its numbers: each refusal has others.
    const reason = `${database} ${why.replace(/\d+/g, "#").slice(0, 200)}`;
    const nowMs = this.nowMs();
    if (nowMs - (this.#toldMs.get(reason) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    if (this.#toldMs.size >= MAX_REASONS) this.#toldMs.clear();
    this.#toldMs.set(reason, nowMs);
    this.events.tell("samples-not-stored", text);
  }
}

/** What a line is about, in words: its rig, its board and its time. Anything else is shown as it begins. */
function nameOf(line: string): string {
  const tags = /^[a-z]+,(?:board=(\d+),)?rig=(r\d+)/.exec(line);
  const atMs = Number(/ (\d+)$/.exec(line)?.[1] ?? Number.NaN);
  if (!tags || !(Math.abs(atMs) < 8.64e15)) return `"${line.slice(0, 80)}"`;
  return `${tags[2]}${tags[1] === undefined ? "" : ` board ${tags[1]}`} at ${new Date(atMs).toISOString()}`;
}
