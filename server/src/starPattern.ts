/** A text as it is compared where case does not matter; each character by itself, so that parts fold as the whole does. */
export const foldCase = (text: string): string => text.toUpperCase();

/**
 * A text in which `*` stands for any characters, or none, and all else for itself. Each part between two stars is taken where it
 * comes first, and no choice is gone back on: a pattern and a text of strangers take no more steps than the one's length times the
 * other's.
 */
export class StarPattern {
  readonly #first: string;
  /** What lies between two stars, in order. */
  readonly #parts: readonly string[];
  /** What comes after the last star; undefined where there is none. */
  readonly #last: string | undefined;

  constructor(pattern: string) {
    const [first = "", ...parts] = pattern.split("*");
    this.#first = first;
    this.#last = parts.pop();
    this.#parts = parts.filter((part) => part !== "");
  }

  /** Whether the whole of a text is what the pattern says. */
  fits(text: string): boolean {
    const first = this.#first;
    const last = this.#last;
    if (last === undefined) return text === first;
    const end = text.length - last.length;
    if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const part of this.#parts) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  }
}
