/** What lines are added to, one by one; an array of them is one too. */
export interface LineSink {
  push(line: string): unknown;
}

/** Adds the lines of a body. It may be called more than once, and adds the same lines each time. */
export type Lines = (into: LineSink) => void;

/** A body of usual size fits without growing. */
const FIRST_BYTES = 1 << 20;
/** A larger room is not kept for the next body. */
const KEPT_BYTES = 1 << 22;

/** Bytes of the bodies that are being joined, which happens one at a time: kept, for to take a new megabyte for each costs more than to fill it. */
let room: Buffer | undefined;

/**
 * Lines on their way into one text. Each is copied as it comes, so that what it was put together from dies at once: a body's
 * lines held as they are made take ten times its size, and the collector copies them again and again.
 */
class LineText implements LineSink {
  #bytes = room ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;
  last: string | undefined;

  push(line: string): void {
    // No character takes more than three bytes for each of its units.
    const most = this.#length + 3 * line.length + 1;
    if (most > this.#bytes.length) this.#grow(most);
    if (this.#length) this.#bytes[this.#length++] = NEWLINE;
    this.#length += this.#bytes.write(line, this.#length, "utf8");
    this.last = line;
  }

  take(): string {
    room = this.#bytes.length <= KEPT_BYTES ? this.#bytes : undefined;
    return this.#bytes.toString("utf8", 0, this.#length);
  }

  #grow(least: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(least, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

const NEWLINE = 0x0a;

/** The text of a body, one line a row, and its last line; undefined where it has none. */
export function joined(lines: Lines): { text: string; last: string } | undefined {
  const into = new LineText();
  lines(into);
  const text = into.take();
  return into.last === undefined ? undefined : { text, last: into.last };
}

/** The lines themselves. */
export function listOf(lines: Lines): string[] {
  const list: string[] = [];
  lines(list);
  return list;
}
