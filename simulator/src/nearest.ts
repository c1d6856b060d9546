/** Edit distance (Levenshtein) with one row of memory. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The known word that `word` most likely was meant to be. `known` must not be empty. */
export function nearest(word: string, known: readonly string[]): string {
  const lower = word.toLowerCase();
  return known.reduce((best, candidate) =>
    distance(lower, candidate.toLowerCase()) < distance(lower, best.toLowerCase()) ? candidate : best,
  );
}
