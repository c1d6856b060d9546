/** Texts that came up before; of a fleet's thousands of rigs most say the same. */
const known = new Map<string, string>();
/** What hostile rigs invent without an end must not pile up; the table begins anew then, and what is held stays. */
const MOST = 4_096;

/** The copy of a text that all who hold it share: each answer of a rig brings one of its own, which would live as long as the rig is watched. */
export function sharedText(text: string): string {
  const held = known.get(text);
  if (held !== undefined) return held;
  if (known.size >= MOST) known.clear();
  known.set(text, text);
  return text;
}
