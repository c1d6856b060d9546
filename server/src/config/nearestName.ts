/** The one of `known` that takes the fewest keystrokes to make of `name`; undefined when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const most = Math.max(2, Math.ceil(name.length / 2));
  let best: string | undefined;
  let least = most + 1;
  for (const candidate of known) {
    // What one has more than the other is typed or taken away: of a name of any length that is known at once.
    if (Math.abs(name.length - candidate.length) >= least) continue;
    const away = keystrokes(name.toLowerCase(), candidate.toLowerCase());
    if (away < least) {
      least = away;
      best = candidate;
    }
  }
  return best;
}

/** Levenshtein distance. */
function keystrokes(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++)
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (from[i] === to[j] ? 0 : 1)));
    row = next;
  }
  return row[to.length]!;
}
