import { z } from "zod";
import type { BlockPlace } from "./tapeFile.js";

const KINDS = { about: 0, door: 1, question: 2, exchange: 3 } as const;
const FIXED = 33;

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

/** The exchanges of a block in the order in which they ended. What cannot be understood is passed over, as the format has it. */
export function* exchangesOf(block: BlockPlace, body: Buffer): Generator<Exchange> {
  const doors = new Map<number, Door>();
  const questions = new Map<number, Question>();
  let at = 0;
  while (at + 9 <= body.length) {
    const end = at + 4 + body.readUInt32LE(at);
    if (end > body.length || end < at + 9) return;
    const kind = body[at + 4];
    const id = body.readUInt32LE(at + 5);
    if (kind === KINDS.door) keep(doors, id, doorSchema, body.toString("utf8", at + 9, end));
    else if (kind === KINDS.question) keep(questions, id, questionSchema, body.toString("utf8", at + 9, end));
    else if (kind === KINDS.exchange && end >= at + FIXED) {
      const door = doors.get(id);
      const question = questions.get(body.readUInt32LE(at + 9));
      if (door && question) yield exchangeAt(body, at, end, door, question, block.startMs);
    }
    at = end;
  }
}

function exchangeAt(
  bytes: Buffer,
  at: number,
  end: number,
  door: Door,
  question: Question,
  startMs: number,
): Exchange {
  const flags = bytes[at + 26]!;
  const headEnd = Math.min(end, at + FIXED + bytes.readUInt32LE(at + 29));
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
    headers: bytes
      .toString("latin1", at + FIXED, headEnd)
      .split("\r\n")
      .filter((line) => line !== "")
      .map((line) => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon), line.slice(colon + 2)] as const;
      }),
    body: bytes.subarray(headEnd, end),
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
