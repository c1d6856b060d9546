/** A list of refusals goes on where a key, or a kind and its id, and a colon come. */
const NEXT = /; (?=(?:\w+ [a-z0-9-]+: )?[\w.[\]"-]+: )/;
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
    const said = say(parts.slice(at).join(": "));
    if (said !== undefined) return [...parts.slice(0, at), said].join("：");
  }
  return text;
}
