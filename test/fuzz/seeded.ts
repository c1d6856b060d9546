import { expect } from "vitest";
import { runSurface } from "./run.js";
import type { Surface } from "./surface.js";

/** The same inputs at every run; `npm run fuzz` draws others. */
export const SEED = 20261126;

/** Gives a surface its share and expects that some of it was taken, some refused, and nothing else. */
export async function holds(surface: Surface, inputs: number): Promise<void> {
  const { accepted, refused, codes } = await runSurface(surface, { inputs, seed: SEED });
  expect(accepted + refused).toBe(inputs);
  // A surface that refused or took everything would break no promise either.
  expect(accepted).toBeGreaterThan(inputs / 50);
  expect(refused).toBeGreaterThan(inputs / 50);
  expect(Object.keys(codes).length).toBeGreaterThan(0);
}
