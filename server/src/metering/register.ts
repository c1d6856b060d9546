/** Energy counted over so long makes a mean power; shorter, the steps of the register would show. */
const WINDOW_MS = 60_000;
/** So many of a register's steps make a mean within 5 %. */
const ENOUGH_STEPS = 20;
/** A coarse register is waited for no longer. */
const LONGEST_MS = 900_000;
/** A register rolls over from its last tenth into its first. */
const EDGE = 0.1;

/** A cumulative register of energy, as far as it was followed. Figures are the device's own. */
export interface Register {
  /** Where the present window began. */
  readonly fromMs: number;
  readonly lastMs: number;
  readonly last: number;
  /** Counted since `fromMs`, roll-over respected. */
  readonly gained: number;
  /** The smallest gain seen: how fine it counts. */
  readonly step: number;
  /** Mean over the last whole window, per ms; undefined before the first. */
  readonly rate: number | undefined;
  /** How often it fell without rolling over: a reset, or another meter. */
  readonly resets: number;
}

/**
 * Takes the next figure of a register. What fell near its end into its beginning has rolled over at `rollsOverAt`; what fell
 * otherwise, or grew faster than `most` per ms, was reset or exchanged and begins anew, and so does what was silent for longer than
 * `staleMs`: when in the gap the energy flowed is not known.
 */
export function takeFigure(
  before: Register | undefined,
  figure: number,
  atMs: number,
  { rollsOverAt, staleMs, most }: { rollsOverAt?: number | undefined; staleMs: number; most: number },
): Register {
  const anew = (resets: number, step: number): Register => ({
    fromMs: atMs,
    lastMs: atMs,
    last: figure,
    gained: 0,
    step,
    rate: undefined,
    resets,
  });
  if (!before) return anew(0, Number.POSITIVE_INFINITY);
  const elapsed = atMs - before.lastMs;
  if (elapsed < 0) return before;
  let gain = figure - before.last;
  const rolled =
    gain < 0 &&
    rollsOverAt !== undefined &&
    before.last >= (1 - EDGE) * rollsOverAt &&
    figure <= EDGE * rollsOverAt;
  if (rolled) gain += rollsOverAt!;
  // Two messages of one moment make no rate, so that the window is what is judged.
  if (gain < 0 || gain > most * Math.max(elapsed, 1_000) + (Number.isFinite(before.step) ? before.step : 0))
    return anew(before.resets + 1, before.step);
  const step = gain > 0 ? Math.min(before.step, gain) : before.step;
  if (elapsed > staleMs) return anew(before.resets, step);
  const gained = before.gained + gain;
  const window = atMs - before.fromMs;
  const whole = window >= WINDOW_MS && (gained >= ENOUGH_STEPS * step || window >= LONGEST_MS);
  if (!whole) return { ...before, lastMs: atMs, last: figure, gained, step };
  return { ...anew(before.resets, step), rate: gained / window };
}
