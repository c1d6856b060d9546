const MOST = 60;

/**
 * The name that a long text begins with: up to the first ":" or ";" before a space, or the first "(", or 60 characters cut
 * at a word with an ellipsis. A text without any of these is its own name.
 */
export function shortName(text: string): string {
  const end = text.search(/[:;]\s|\s*\(/);
  const name = (end > 0 ? text.slice(0, end) : text).trim();
  return name.length > MOST ? cut(name) : name;
}

/** The sentence that a text begins with, without what follows in brackets. */
export function withoutBrackets(text: string): string {
  const end = text.search(/\s*\(/);
  return end > 0 ? text.slice(0, end) : text;
}

function cut(name: string): string {
  const head = name.slice(0, MOST);
  const word = head.lastIndexOf(" ");
  return `${(word > MOST / 2 ? head.slice(0, word) : head).replace(/[\s,]+$/, "")}…`;
}
