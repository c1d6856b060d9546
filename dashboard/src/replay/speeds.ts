/** Speeds that the screen offers, times as fast as it happened. */
export const SPEEDS: readonly number[] = [1, 5, 10, 60, 300, 1_000];
