import type { Seeded } from "../faults/seeded.js";
import { NASTY_TEXTS } from "./nasty.js";
import { HEAVY } from "./values.js";

/** Changes the bytes of something real. Never returns its argument's own memory changed. */
type Mutator = (bytes: Buffer, chance: Seeded, odd: readonly unknown[]) => Buffer;

const MOST_BYTES = 512 * 1024;

const cutAt = (bytes: Buffer, chance: Seeded): number => chance.whole(0, bytes.length);

/** Puts `what` in the place of the bytes from `from` to `to`. */
const splice = (bytes: Buffer, from: number, to: number, what: Buffer | string): Buffer =>
  Buffer.concat([bytes.subarray(0, from), Buffer.from(what as string), bytes.subarray(to)]);

const insert = (bytes: Buffer, chance: Seeded, what: Buffer | string): Buffer => {
  const at = cutAt(bytes, chance);
  return splice(bytes, at, at, what);
};

/** All `"key":` of a JSON text, as offsets in bytes; text of another kind has none. */
function members(bytes: Buffer): { from: number; value: number; to: number }[] {
  const text = bytes.toString("latin1");
  const found: { from: number; value: number; to: number }[] = [];
  const pattern = /"[^"\\]{1,60}"\s*:\s*("(?:[^"\\]|\\.)*"|-?[\d.eE+-]+|true|false|null)/g;
  for (let match = pattern.exec(text); match; match = pattern.exec(text))
    found.push({
      from: match.index,
      value: match.index + match[0].length - match[1]!.length,
      to: match.index + match[0].length,
    });
  return found;
}

const json = (value: unknown): string => JSON.stringify(value) ?? "null";

/** Puts `text` in the place of one value of the JSON; anywhere in what is no JSON. */
function replaceValue(bytes: Buffer, chance: Seeded, text: string): Buffer {
  const all = members(bytes);
  if (!all.length) return insert(bytes, chance, text);
  const { value, to } = chance.of(all);
  return splice(bytes, value, to, text);
}

const SEPARATORS = [
  "",
  ",",
  "}{",
  "]{",
  "\0",
  "\r\n",
  ";",
  ":",
  "|",
  "\u0001",
  "\u001b[0m",
  "\u2028",
  "}\u0007{",
];
const WORDS = [
  "NaN",
  "Infinity",
  "-Infinity",
  "nan",
  "inf",
  "-nan(ind)",
  "1.#INF",
  "undefined",
  "1e309",
  "-1",
  "-0",
  "--5",
  "0x10",
  "1_000",
  "1e-400",
  "9".repeat(30),
  `0.${"0".repeat(60)}1`,
  '"NaN"',
  '"Infinity"',
  '"-5"',
  '"1e309"',
  "+5",
  ".5",
  "5.",
];

/** Every way in which bytes are changed, by name. */
export const MUTATORS: Readonly<Record<string, Mutator>> = {
  "flips bits"(bytes, chance) {
    const out = Buffer.from(bytes);
    for (let n = chance.whole(1, 6); n > 0 && out.length; n--) {
      const at = chance.whole(0, out.length - 1);
      out[at] = out[at]! ^ (1 << chance.whole(0, 7));
    }
    return out;
  },
  "writes bytes"(bytes, chance) {
    const out = Buffer.from(bytes);
    for (let n = chance.whole(1, 12); n > 0 && out.length; n--)
      out[chance.whole(0, out.length - 1)] = chance.whole(0, 255);
    return out;
  },
  "cuts the end": (bytes, chance) => Buffer.from(bytes.subarray(0, cutAt(bytes, chance))),
  "cuts the beginning": (bytes, chance) => Buffer.from(bytes.subarray(cutAt(bytes, chance))),
  "takes a piece out"(bytes, chance) {
    const from = cutAt(bytes, chance);
    return splice(bytes, from, Math.min(bytes.length, from + chance.whole(1, 80)), "");
  },
  "says a piece twice"(bytes, chance) {
    const from = cutAt(bytes, chance);
    const piece = bytes.subarray(from, from + chance.whole(1, 400));
    return insert(bytes, chance, piece);
  },
  "says all twice": (bytes, chance) => Buffer.concat([bytes, Buffer.from(chance.of(SEPARATORS)), bytes]),
  "leaves a key out"(bytes, chance) {
    const all = members(bytes);
    if (!all.length) return Buffer.from(bytes.subarray(1));
    const { from, to } = chance.of(all);
    return splice(bytes, from, bytes[to] === 0x2c ? to + 1 : to, "");
  },
  "says a key twice"(bytes, chance, odd) {
    const all = members(bytes);
    if (!all.length) return Buffer.from(bytes);
    const { from, value } = chance.of(all);
    return splice(bytes, from, from, `${bytes.subarray(from, value).toString()}${json(chance.of(odd))},`);
  },
  "puts another type": (bytes, chance, odd) => replaceValue(bytes, chance, json(chance.of(odd))),
  "puts several other types"(bytes, chance, odd) {
    let out = bytes;
    for (let n = chance.whole(2, 8); n > 0; n--) out = replaceValue(out, chance, json(chance.of(odd)));
    return Buffer.from(out);
  },
  "puts a word for a number": (bytes, chance) => replaceValue(bytes, chance, chance.of(WORDS)),
  "puts a nasty text": (bytes, chance) => replaceValue(bytes, chance, json(chance.of(NASTY_TEXTS))),
  "puts a raw nasty text": (bytes, chance) => replaceValue(bytes, chance, `"${chance.of(NASTY_TEXTS)}"`),
  "puts a long number"(bytes, chance) {
    const number = String(chance.whole(-9, 9)) + "0123456789".repeat(chance.whole(1, 40));
    return replaceValue(bytes, chance, number);
  },
  "shifts the unit": (bytes, chance) =>
    replaceValue(bytes, chance, String((chance.next() - 0.3) * 10 ** chance.whole(-12, 20))),
  "adds an object's key": (bytes, chance, odd) =>
    insertMember(
      bytes,
      chance,
      chance.of(["__proto__", "constructor", "prototype", "toString", ""]),
      chance.of(odd),
    ),
  pollutes: (bytes, chance) =>
    insertMember(bytes, chance, "__proto__", { polluted: "yes", status: "mining", hashrateThs: 1 }),
  "nests deep or goes on for long": (bytes, chance) => replaceValue(bytes, chance, chance.of(HEAVY)),
  "breaks UTF-8": (bytes, chance) =>
    insert(
      bytes,
      chance,
      chance.of(
        [
          [0xff],
          [0xc0, 0x80],
          [0xed, 0xa0, 0x80],
          [0xf8, 0x88, 0x80, 0x80, 0x80],
          [0xe2, 0x82],
          [0xfe, 0xff],
          [0xef, 0xbb, 0xbf],
        ].map((b) => Buffer.from(b)),
      ),
    ),
  "puts a NUL": (bytes, chance) => insert(bytes, chance, "\0".repeat(chance.whole(1, 3))),
  "puts control characters between": (bytes, chance) => insert(bytes, chance, chance.of(SEPARATORS)),
  "forgets separators"(bytes, chance) {
    const text = bytes.toString("latin1");
    const which = chance.of([",", ":", '"', "}", "]", "{", "[", "|", "="]);
    const most = chance.whole(1, 5);
    let left = most;
    return Buffer.from(
      text.replaceAll(which, (found) => (chance.next() < 0.3 && left-- > 0 ? "" : found)),
      "latin1",
    );
  },
  "forgets commas between objects": (bytes) =>
    Buffer.from(bytes.toString("latin1").replaceAll("},{", "}{"), "latin1"),
  "says an old firmware's text"(bytes, chance) {
    const pairs = members(bytes)
      .slice(0, 40)
      .map(({ from, value, to }) => {
        const name = bytes
          .subarray(from + 1, value)
          .toString("latin1")
          .replace(/"\s*:\s*$/, "");
        return `${name}=${bytes.subarray(value, to).toString("latin1").replaceAll('"', "")}`;
      });
    return Buffer.from(
      `STATUS=S,When=1,Code=11,Msg=Summary|${chance.of(["SUMMARY", "STATS=0", "POOL=0", "CMD=stats|STATS=0"])},${pairs.join(",")}|`,
      "latin1",
    );
  },
  "is noise": (_bytes, chance) =>
    Buffer.from(Array.from({ length: chance.whole(0, 400) }, () => chance.whole(0, 255))),
  "is empty": () => Buffer.alloc(0),
  "is a value of no meaning": (_bytes, chance, odd) => Buffer.from(json(chance.of(odd))),
  "stays as it is": (bytes) => Buffer.from(bytes),
};

function insertMember(bytes: Buffer, chance: Seeded, name: string, value: unknown): Buffer {
  const opened: number[] = [];
  for (let at = bytes.indexOf(0x7b); at >= 0 && opened.length < 50; at = bytes.indexOf(0x7b, at + 1))
    opened.push(at + 1);
  const at = opened.length ? chance.of(opened) : 0;
  return splice(bytes, at, at, `${json(name)}:${json(value)},`);
}

const NAMES = Object.keys(MUTATORS);
/** Those that leave JSON to be JSON: what is wrong then is what it says. */
const SAYING = [
  "says a key twice",
  "puts another type",
  "puts several other types",
  "puts a nasty text",
  "puts a long number",
  "shifts the unit",
  "adds an object's key",
  "pollutes",
];

/**
 * Bytes that were real, changed in one to three ways, and which. Of `saying` (0–1) of them only what they say is changed, as far
 * as they are JSON.
 */
export function mutate(
  bytes: Buffer,
  chance: Seeded,
  odd: readonly unknown[],
  saying = 0.3,
): { bytes: Buffer; how: string } {
  const how: string[] = [];
  const names = chance.next() < saying ? SAYING : NAMES;
  let out = bytes;
  for (let n = chance.of([1, 1, 1, 2, 2, 3]); n > 0; n--) {
    const name = chance.of(names);
    how.push(name);
    out = MUTATORS[name]!(out, chance, odd);
    if (out.length > MOST_BYTES) out = out.subarray(0, MOST_BYTES);
  }
  return { bytes: out, how: how.join(", ") };
}

/** The chance that belongs to one input alone, so that it can be made again without those before it. */
export { Seeded } from "../faults/seeded.js";
