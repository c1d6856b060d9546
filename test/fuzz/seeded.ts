import { expect } from "vitest";
import { type Report, runSurface } from "./run.js";
import type { Surface } from "./surface.js";

/** The same inputs at every run; `npm run fuzz` draws others. */
export const SEED = 20261126;

/** Inputs that each surface is given by `verify`. */
export const INPUTS = 20_000;

/** Gives a surface its inputs and expects that some of it was taken, some refused, and nothing else. */
export async function holds(surface: Surface): Promise<void> {
  const { inputs, accepted, refused, codes } = await runSurface(surface, { inputs: INPUTS, seed: SEED });
  expect(inputs).toBe(INPUTS);
  expectBoth(accepted, refused, codes);
}

/** The same with as many inputs as fit into a time, for what waits most of the time; at least `atLeast` of them. */
export async function holdsFor(surface: Surface, forMs: number, atLeast: number): Promise<void> {
  const { inputs, accepted, refused, codes } = await runSurface(surface, {
    inputs: INPUTS,
    seed: SEED,
    forMs,
  });
  expect(inputs).toBeGreaterThanOrEqual(atLeast);
  expectBoth(accepted, refused, codes);
}

/** A surface that refused or took everything would break no promise either. */
function expectBoth(accepted: number, refused: number, codes: Report["codes"]): void {
  const some = (accepted + refused) / 50;
  expect(accepted).toBeGreaterThan(some);
  expect(refused).toBeGreaterThan(some);
  expect(Object.keys(codes).length).toBeGreaterThan(0);
}
