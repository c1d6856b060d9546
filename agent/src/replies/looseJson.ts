/**
 * Reads JSON as firmwares write it when they write it wrong. It repairs, outside of strings only: `}{` and `]["`, a missing
 * comma before a key or value, stray commas (`[,{`, `,}`, `,]`, a comma in front of all), bare `inf`, `nan` and other words
 * (null), unescaped control characters and quotes inside strings. Of a duplicate key the first value counts. `__proto__`
 * is dropped, and nesting deeper than {@link MAX_DEPTH} is refused.
 */

export const MAX_DEPTH = 32;

/** Thrown inside this module only: what was read is not JSON, or it ends early. */
class Unreadable extends Error {
  constructor(readonly cut: boolean) {
    super(cut ? "cut" : "garbled");
  }
}

/** The members of a top-level object that are whole. `cut`: the text ends before the object does. */
export interface LooseObject {
  members: Record<string, unknown>;
  cut: boolean;
}

/**
 * Reads a top-level object member by member; each member's text goes through `JSON.parse` first and is repaired only if that
 * fails, so that a whole reply and the same reply cut short agree on every member they share. A member that the end of the
 * text touches is left out. Undefined when the text is no object at all or cannot be made sense of.
 */
export function readLooseObject(text: string): LooseObject | undefined {
  const scan = new Scanner(text);
  const members: Record<string, unknown> = {};
  try {
    scan.blanks();
    // `,"id":1}` for `{"id":1}` is a btminer fault.
    if (scan.peek() === "{" || scan.peek() === ",") scan.at++;
    else return undefined;
    for (;;) {
      scan.separators();
      if (scan.peek() === "}") return { members, cut: false };
      if (scan.ended()) return { members, cut: true };
      const key = scan.key();
      const start = scan.at;
      const loose = scan.value(1);
      // A number or text that the end touches may go on beyond it.
      scan.blanks();
      if (scan.ended()) {
        const closer = text.charCodeAt(scan.lastEnd - 1);
        if (closer !== CLOSE_BRACE && closer !== CLOSE_BRACKET) return { members, cut: true };
      }
      if (key === "__proto__" || Object.hasOwn(members, key)) continue;
      members[key] = strictly(text.slice(start, scan.lastEnd), loose);
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return error.cut ? { members, cut: true } : undefined;
  }
}

function strictly(text: string, loose: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return loose;
  }
}

const QUOTE = 34;
const BACKSLASH = 92;
const CLOSE_BRACE = 125;
const CLOSE_BRACKET = 93;

class Scanner {
  at = 0;
  /** End of the value read last, before any blanks. */
  lastEnd = 0;
  constructor(private readonly text: string) {}

  ended(): boolean {
    return this.at >= this.text.length;
  }

  peek(): string {
    return this.text.charAt(this.at);
  }

  blanks(): void {
    while (this.at < this.text.length && this.text.charCodeAt(this.at) <= 32) this.at++;
  }

  /** Skips blanks and any number of commas. */
  separators(): void {
    for (;;) {
      this.blanks();
      if (this.peek() !== ",") return;
      this.at++;
    }
  }

  key(): string {
    if (this.peek() !== '"') throw new Unreadable(this.ended());
    const key = this.string();
    this.blanks();
    if (this.ended()) throw new Unreadable(true);
    if (this.peek() !== ":") throw new Unreadable(false);
    this.at++;
    this.blanks();
    return key;
  }

  value(depth: number): unknown {
    this.blanks();
    if (this.ended()) throw new Unreadable(true);
    if (depth > MAX_DEPTH) throw new Unreadable(false);
    const first = this.peek();
    const value =
      first === "{"
        ? this.object(depth)
        : first === "["
          ? this.list(depth)
          : first === '"'
            ? this.string()
            : this.word();
    this.lastEnd = this.at;
    return value;
  }

  private object(depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.at++;
    for (;;) {
      this.separators();
      if (this.peek() === "}") break;
      const key = this.key();
      const value = this.value(depth + 1);
      if (key !== "__proto__" && !Object.hasOwn(object, key)) object[key] = value;
    }
    this.at++;
    return object;
  }

  private list(depth: number): unknown[] {
    const list: unknown[] = [];
    this.at++;
    for (;;) {
      this.separators();
      if (this.peek() === "]") break;
      const value = this.value(depth + 1);
      this.blanks();
      // `["111":"date"]` stands for a list of pairs.
      if (this.peek() === ":" && typeof value === "string") {
        this.at++;
        list.push({ [value === "__proto__" ? "" : value]: this.value(depth + 1) });
      } else list.push(value);
    }
    this.at++;
    return list;
  }

  private string(): string {
    const { text } = this;
    let out = "";
    let from = ++this.at;
    for (; this.at < text.length; this.at++) {
      const code = text.charCodeAt(this.at);
      if (code === QUOTE) {
        if (!this.closes()) continue;
        out += text.slice(from, this.at++);
        return out;
      }
      if (code === BACKSLASH) {
        out += text.slice(from, this.at);
        out += this.escape();
        from = this.at + 1;
      } else if (code < 32) {
        out += text.slice(from, this.at);
        from = this.at + 1;
      }
    }
    throw new Unreadable(true);
  }

  /** Whether the quote at hand ends its string: only then does a separator, a bracket or the next quote follow. */
  private closes(): boolean {
    let next = this.at + 1;
    while (next < this.text.length && this.text.charCodeAt(next) <= 32) next++;
    return next >= this.text.length || ',:}]"'.includes(this.text.charAt(next));
  }

  private escape(): string {
    const escaped = this.text.charAt(++this.at);
    if (escaped === "u") {
      const hex = this.text.slice(this.at + 1, this.at + 5);
      if (/^[0-9a-fA-F]{4}$/.test(hex)) {
        this.at += 4;
        return String.fromCharCode(Number.parseInt(hex, 16));
      }
      return "";
    }
    return ESCAPES[escaped] ?? escaped;
  }

  private word(): number | boolean | null {
    WORD.lastIndex = this.at;
    const word = WORD.exec(this.text)?.[0] ?? "";
    if (!word) throw new Unreadable(false);
    this.at += word.length;
    if (word === "true") return true;
    if (word === "false") return false;
    return NUMBER.test(word) ? Number(word) : null;
  }
}

const ESCAPES: Record<string, string> = { n: " ", r: " ", t: " ", b: "", f: "" };
const WORD = /[^\s,:{}[\]"]+/y;
// One way to read each digit: two would take quadratic time over a long number that is none in the end.
const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;
