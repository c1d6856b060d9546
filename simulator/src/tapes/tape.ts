import { type Door, type Exchange, keyOf, type Question, TapeMemory } from "./exchange.js";
import { type BlockPlace, bodyOf, outlineOf, tapeFiles } from "./tapeFile.js";

/** All questions that were put to one address and port, with the answers of one moment. */
export interface DoorReplies {
  readonly door: Door;
  readonly ways: Set<Question["over"]>;
  /** The first answer to each, for who asks before it was asked. */
  readonly first: Map<string, Exchange>;
}

/** Time in which a tape was recording. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** A block, and what a reader of the whole tape knows of it. */
export interface TapeBlock extends BlockPlace {
  /** Bytes of exchanges in it that cannot be told, since what they build on is damaged. */
  lostBytes: number;
  /** Nothing of its file stands behind it. */
  endsFile: boolean;
}

/** A tape that has been looked through: what is on it, and where. Its answers stay on the disk. */
export interface Tape {
  /**
   * By the time of the earliest exchange that stands in them or behind them in their file: those of a file keep their order, and
   * those of two files alternate where an exchange was on its way when the one followed the other.
   */
  readonly blocks: readonly TapeBlock[];
  readonly doors: ReadonlyMap<string, DoorReplies>;
  /** Without the time between two recordings, of which nothing is known. */
  readonly spans: readonly Span[];
  readonly exchanges: number;
  readonly damagedBytes: number;
}

export const doorKey = ({ address, port }: Door): string => `${address}:${port}`;

/** Reads through the tape of a folder. Throws `bad-tape`. */
export function openTape(folder: string): Tape {
  const blocks: TapeBlock[] = [];
  const doors = new Map<string, DoorReplies>();
  let damagedBytes = 0;
  let exchanges = 0;
  for (const path of tapeFiles(folder)) {
    const memory = new TapeMemory();
    const outline = outlineOf(path);
    damagedBytes += outline.damagedBytes;
    for (const block of outline.blocks) {
      const body = bodyOf(block);
      if (!body) {
        damagedBytes += block.bodyLength;
        continue;
      }
      const lostBefore = memory.lostBytes;
      for (const exchange of memory.exchangesOf(block, body)) {
        exchanges++;
        enter(doors, exchange);
      }
      blocks.push({ ...block, lostBytes: memory.lostBytes - lostBefore, endsFile: false });
    }
    damagedBytes += memory.lostBytes;
    const last = blocks.at(-1);
    if (last?.path === path) last.endsFile = true;
    let firstMs = Number.POSITIVE_INFINITY;
    for (let i = blocks.length - 1; i >= 0 && blocks[i]!.path === path; i--) {
      firstMs = Math.min(firstMs, blocks[i]!.firstMs);
      blocks[i]!.firstMs = firstMs;
    }
  }
  blocks.sort((a, b) => a.firstMs - b.firstMs);
  return { blocks, doors, spans: spansOf(blocks), exchanges, damagedBytes };
}

function enter(doors: Map<string, DoorReplies>, exchange: Exchange): void {
  const { door, question } = exchange;
  const key = doorKey(door);
  let replies = doors.get(key);
  if (!replies) {
    replies = { door, ways: new Set(), first: new Map() };
    doors.set(key, replies);
  }
  replies.ways.add(question.over);
  const asked = keyOf(question, exchange.isLoggedIn);
  const before = replies.first.get(asked);
  const isBetter = exchange.outcome === "answered" && before?.outcome !== "answered";
  // A copy: the rest of its block need not be kept for it.
  if (!before || isBetter) replies.first.set(asked, { ...exchange, body: Buffer.from(exchange.body) });
}

function spansOf(blocks: readonly BlockPlace[]): Span[] {
  const byRun = new Map<string, Span>();
  for (const { run, firstMs, lastMs } of blocks) {
    const span = byRun.get(run);
    if (!span) byRun.set(run, { fromMs: firstMs, toMs: lastMs });
    else {
      span.fromMs = Math.min(span.fromMs, firstMs);
      span.toMs = Math.max(span.toMs, lastMs);
    }
  }
  const joined: Span[] = [];
  for (const span of [...byRun.values()].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1);
    if (last && span.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, span.toMs);
    else joined.push({ ...span });
  }
  return joined;
}

const DOWN = new Set<Exchange["outcome"]>(["refused", "unreachable"]);

/** A tape at one moment, which only moves forward. */
export class TapeHead {
  #next = 0;
  /** By file: blocks of two alternate where one follows the other, and where two were recorded at one time. */
  #memories = new Map<string, TapeMemory>();
  #pending: Exchange[] = [];
  #latest = new Map<string, Map<string, Exchange>>();
  #down = new Map<string, boolean>();

  /** `onLost` hears the file of each block of which less can be told than when the tape was opened. */
  constructor(
    private readonly tape: Tape,
    private readonly onLost: (path: string) => void = () => {},
  ) {}

  /** Moves to `atMs`: what was asked until then counts. */
  moveTo(atMs: number): void {
    const { blocks } = this.tape;
    let loaded = false;
    while (this.#next < blocks.length && blocks[this.#next]!.firstMs <= atMs) {
      this.#load(blocks[this.#next++]!);
      loaded = true;
    }
    if (loaded) this.#pending.sort((a, b) => a.atMs - b.atMs);
    let due = 0;
    while (due < this.#pending.length && this.#pending[due]!.atMs <= atMs) this.#apply(this.#pending[due++]!);
    if (due) this.#pending.splice(0, due);
  }

  /** Another head at the same moment. */
  copy(): TapeHead {
    const head = new TapeHead(this.tape, this.onLost);
    head.#next = this.#next;
    for (const [path, memory] of this.#memories) head.#memories.set(path, memory.copy());
    head.#pending = [...this.#pending];
    for (const [door, answers] of this.#latest) head.#latest.set(door, new Map(answers));
    head.#down = new Map(this.#down);
    return head;
  }

  /** Whether nobody answered at that door when it was knocked at last. */
  isDown(door: Door): boolean {
    return this.#down.get(doorKey(door)) === true;
  }

  /** What the rig said when it was asked that last; what it said first when it had not been asked yet. */
  find(door: Door, question: Question, isLoggedIn: boolean): Exchange | undefined {
    const key = keyOf(question, isLoggedIn);
    const place = doorKey(door);
    return this.#latest.get(place)?.get(key) ?? this.tape.doors.get(place)?.first.get(key);
  }

  #load(block: TapeBlock): void {
    const { path, lostBytes, endsFile } = block;
    const memory = this.#memories.get(path) ?? new TapeMemory();
    const body = bodyOf(block);
    const lostBefore = memory.lostBytes;
    if (body) for (const exchange of memory.exchangesOf(block, body)) this.#pending.push(exchange);
    if (!body || memory.lostBytes - lostBefore > lostBytes) this.onLost(path);
    if (endsFile) this.#memories.delete(path);
    else this.#memories.set(path, memory);
  }

  #apply(exchange: Exchange): void {
    const place = doorKey(exchange.door);
    let answers = this.#latest.get(place);
    if (!answers) {
      answers = new Map();
      this.#latest.set(place, answers);
    }
    // A copy, for the same reason.
    exchange.body = Buffer.from(exchange.body);
    answers.set(keyOf(exchange.question, exchange.isLoggedIn), exchange);
    this.#down.set(place, DOWN.has(exchange.outcome));
  }
}
