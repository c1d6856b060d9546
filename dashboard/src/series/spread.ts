/**
 * Moves rising places apart so that neighbours are at least `apart` from each other and all lie within `low`–`high`, each as
 * near its own place as the order allows. Where there is no room for all they overlap evenly.
 */
export function spread(places: readonly number[], apart: number, low: number, high: number): number[] {
  const step = places.length > 1 ? Math.min(apart, (high - low) / (places.length - 1)) : apart;
  // Neighbours that touch move as one block, about the mean of what they want.
  const blocks: { sum: number; count: number }[] = [];
  const startOf = ({ sum, count }: { sum: number; count: number }) => {
    const length = (count - 1) * step;
    return Math.min(Math.max(sum / count - length / 2, low), high - length);
  };
  for (const place of places) {
    blocks.push({ sum: place, count: 1 });
    for (let last = blocks.length - 1; last > 0; last--) {
      const before = blocks[last - 1]!;
      const block = blocks[last]!;
      if (startOf(block) - startOf(before) >= before.count * step - 1e-9) break;
      before.sum += block.sum;
      before.count += block.count;
      blocks.pop();
    }
  }
  return blocks.flatMap((block) =>
    Array.from({ length: block.count }, (_, at) => startOf(block) + at * step),
  );
}
