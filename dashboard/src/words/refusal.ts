/**
 * A list of refusals goes on where a key, or a kind and its id, and a colon come, or another line of a file; it may end with how many more
 * there are and what became of the file.
 */
const NEXT =
  /; (?=line \d+(?:, column [^:;]+)?: |and \d+ more|nothing was imported$|(?:\w+ [a-z0-9-]+: )?[\w.[\]"-]+: )/;
/** What stands before a colon and is said in words. */
const PLACE = /^line \d/;
/** A cell of a file as it is written, and what is wrong with it. */
const CELL = /^"(.*)" ([^"]+)$/s;
/** A refusal begins with a file, what it is about and its key, and may have colons of its own. */
const MOST_COLONS = 8;

/**
 * Says a refusal of settings in another language: `tariff day: currency: is USD, but the site counts in CNY`, several after semicolons.
 * Keys stay as they are; so does what `say` does not know.
 */
export function refusalSaid(say: (text: string) => string | undefined, text: string): string {
  return text
    .split(NEXT)
    .map((each) => one(say, each))
    .join("；");
}

function one(say: (text: string) => string | undefined, text: string): string {
  const parts = text.split(": ");
  // Places of sentences take in anything, a key too: what is behind the last colon is looked at first.
  for (let at = Math.min(parts.length - 1, MOST_COLONS); at >= 0; at--) {
    const own = parts.slice(at).join(": ");
    const said = say(own) ?? cellSaid(say, own);
    if (said === undefined) continue;
    const places = parts.slice(0, at).map((part) => (PLACE.test(part) ? (say(part) ?? part) : part));
    return [...places, said].join("：");
  }
  return text;
}

function cellSaid(say: (text: string) => string | undefined, text: string): string | undefined {
  const [, cell, why] = CELL.exec(text) ?? [];
  const said = why === undefined ? undefined : say(why);
  return said === undefined ? undefined : `“${cell}” ${said}`;
}
