import { z } from "zod";
import { withChanges } from "./changes.js";
import type { BlockPlace } from "./tapeFile.js";

const KINDS = { about: 0, door: 1, question: 2, exchange: 3, remembered: 4, changed: 5 } as const;
const FIXED = 33;
const FIXED_REMEMBERED = 37;

const CREDENTIALS = 1;
const HELD = 2;
const CUT = 4;

const OUTCOMES = [
  "answered",
  "refused",
  "unreachable",
  "timeout",
  "reset",
  "tooLarge",
  "empty",
  "garbled",
  "truncated",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

const doorSchema = z.object({ address: z.string().min(1), port: z.int().min(1).max(65_535) });
/** Where a rig was asked. */
export type Door = z.infer<typeof doorSchema>;

const questionSchema = z.object({
  over: z.enum(["tcp", "http", "v3"]),
  request: z.string(),
  body: z.string().optional(),
  login: z.boolean().optional(),
  tls: z.boolean().optional(),
});
/** What it was asked. */
export type Question = z.infer<typeof questionSchema>;

/** One exchange with a rig. Times are epoch ms. */
export interface Exchange {
  door: Door;
  question: Question;
  /** The request carried a login. */
  isLoggedIn: boolean;
  atMs: number;
  tookMs: number;
  outcome: Outcome;
  /** The rig left the connection open behind its answer. */
  held: boolean;
  /** HTTP: the body was shorter than announced. */
  cut: boolean;
  status: number;
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer;
}

/** What names a question: the same text means the same question. */
export const keyOf = ({ over, request, body, login }: Question, isLoggedIn: boolean): string =>
  over === "http"
    ? `http ${isLoggedIn ? "in" : ""}${login ? "login" : ""}\n${request}\n${login ? "" : (body ?? "")}`
    : `${over} ${request}`;

/** The reply that the next ones of its series are told from. */
interface Remembered {
  door: Door;
  question: Question;
  step: number;
  /** Header lines and body. */
  text: Buffer;
}

/** What the blocks of one file tell each other: they are to be read in their order, and by a memory that reads no other file. */
export class TapeMemory {
  /** Bytes of exchanges that could not be told, since what they build on is damaged. */
  lostBytes = 0;
  #series = new Map<number, Remembered>();

  /** Another one that knows the same. */
  copy(): TapeMemory {
    const memory = new TapeMemory();
    memory.lostBytes = this.lostBytes;
    memory.#series = new Map(this.#series);
    return memory;
  }

  /** The exchanges of a block in the order in which they ended. What cannot be understood is passed over, as the format has it. */
  *exchangesOf(block: BlockPlace, body: Buffer): Generator<Exchange> {
    const doors = new Map<number, Door>();
    const questions = new Map<number, Question>();
    let at = 0;
    while (at + 9 <= body.length) {
      const end = at + 4 + body.readUInt32LE(at);
      if (end > body.length || end < at + 9) return;
      const kind = body[at + 4];
      const id = body.readUInt32LE(at + 5);
      if (kind === KINDS.door) keep(doors, id, doorSchema, body.toString("utf8", at + 9, end));
      else if (kind === KINDS.question)
        keep(questions, id, questionSchema, body.toString("utf8", at + 9, end));
      else if (kind === KINDS.changed && end >= at + FIXED_REMEMBERED) {
        const told = this.#changed(id, body, at, end);
        if (told) yield exchangeAt(body, at, told.text, told.door, told.question, block.startMs);
        else this.lostBytes += end - at;
      } else if (kind === KINDS.exchange || kind === KINDS.remembered) {
        const door = doors.get(id);
        const question = questions.get(body.readUInt32LE(at + 9));
        const from = at + (kind === KINDS.exchange ? FIXED : FIXED_REMEMBERED);
        if (door && question && from <= end) {
          let text = body.subarray(from, end);
          if (kind === KINDS.remembered) {
            // A copy: the rest of its block need not be kept for it.
            text = Buffer.from(text);
            this.#series.set(body.readUInt32LE(at + FIXED), { door, question, step: 0, text });
          }
          yield exchangeAt(body, at, text, door, question, block.startMs);
        }
      }
      at = end;
    }
  }

  #changed(id: number, body: Buffer, at: number, end: number): Remembered | undefined {
    const before = this.#series.get(id);
    const step = body.readUInt32LE(at + 9);
    const length = body.readUInt32LE(at + FIXED);
    // Nothing comes out longer than all there was and all that stands here.
    if (!before || before.step !== step - 1 || length > before.text.length + end - at) return undefined;
    const text = withChanges(before.text, length, body, at + FIXED_REMEMBERED, end);
    if (!text) return undefined;
    const told = { ...before, step, text };
    this.#series.set(id, told);
    return told;
  }
}

/** `at`: where its entry begins; `text`: its header lines and body. */
function exchangeAt(
  bytes: Buffer,
  at: number,
  text: Buffer,
  door: Door,
  question: Question,
  startMs: number,
): Exchange {
  const flags = bytes[at + 26]!;
  const headEnd = Math.min(text.length, bytes.readUInt32LE(at + 29));
  return {
    door,
    question,
    isLoggedIn: (flags & CREDENTIALS) !== 0,
    atMs: startMs + bytes.readDoubleLE(at + 13),
    tookMs: bytes.readFloatLE(at + 21),
    outcome: OUTCOMES[bytes[at + 25]!] ?? "reset",
    held: (flags & HELD) !== 0,
    cut: (flags & CUT) !== 0,
    status: bytes.readUInt16LE(at + 27),
    headers: text
      .toString("latin1", 0, headEnd)
      .split("\r\n")
      .filter((line) => line !== "")
      .map((line) => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon), line.slice(colon + 2)] as const;
      }),
    body: text.subarray(headEnd),
  };
}

function keep<T>(into: Map<number, T>, id: number, schema: z.ZodType<T>, text: string): void {
  try {
    const result = schema.safeParse(JSON.parse(text));
    if (result.success) into.set(id, result.data);
  } catch {
    // What it names cannot be told: its exchanges are passed over.
  }
}
