/** What a language says for sentences that the server writes in English. */
export type Sentences = readonly (readonly [said: string, meant: string])[];

interface Pattern {
  fits: RegExp;
  places: readonly string[];
  meant: string;
}

const PLACE = /\{(\w+)\}|\{([^{}|]+)\|([^{}|]+)\}/g;

/** `{name}` is a place for what differs; `{one|many}` stands for either word. */
function patternOf([said, meant]: Sentences[number]): Pattern {
  const places: string[] = [];
  let source = "";
  let from = 0;
  const plain = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  for (const place of said.matchAll(PLACE)) {
    const [whole, name, one = "", many = ""] = place;
    source += plain(said.slice(from, place.index));
    if (name === undefined) source += `(?:${plain(one)}|${plain(many)})`;
    else {
      places.push(name);
      source += "(.+?)";
    }
    from = place.index + whole.length;
  }
  return { fits: new RegExp(`^${source}${plain(said.slice(from))}$`, "s"), places, meant };
}

/** Longer ones are not looked at: nothing of the server's is, a rule of 500 characters with a caret below its end neither. */
const MOST = 1_500;

/**
 * Says what the server says in another language; undefined for what it does not know. Of a list with semicolons the parts
 * that are known are said, the others stay as they are: a firmware's own text, a note of somebody.
 */
export function translator(sentences: Sentences): (text: string) => string | undefined {
  const patterns = sentences.map(patternOf);
  const whole = (text: string): string | undefined => {
    for (const { fits, places, meant } of patterns) {
      const found = fits.exec(text);
      if (!found) continue;
      const values = new Map(places.map((name, i) => [name, found[i + 1] ?? ""]));
      return meant.replace(/\{(\w+)\}/g, (place, name: string) => {
        const value = values.get(name);
        return value === undefined ? place : (said(value) ?? value);
      });
    }
    return undefined;
  };
  const said = (text: string): string | undefined => {
    if (text.length > MOST) return undefined;
    const known = whole(text);
    if (known !== undefined) return known;
    const parts = text.split("; ");
    if (parts.length < 2) return undefined;
    const told = parts.map(whole);
    return told.some((part) => part !== undefined)
      ? told.map((part, i) => part ?? parts[i]!).join("；")
      : undefined;
  };
  return said;
}
