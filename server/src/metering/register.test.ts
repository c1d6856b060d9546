import { describe, expect, test } from "vitest";
import { type Register, takeFigure } from "./register.js";

const MINUTE = 60_000;
const RULES = { staleMs: 120_000, most: 1 / MINUTE };

/** Feeds figures a minute apart, unless a time is given; returns the register after each. */
function follow(
  figures: (number | [number, number])[],
  rules: Partial<typeof RULES> & { rollsOverAt?: number } = {},
) {
  let register: Register | undefined;
  return figures.map((each, i) => {
    const [figure, atMs] = Array.isArray(each) ? each : [each, i * MINUTE];
    register = takeFigure(register, figure, atMs, { ...RULES, ...rules });
    return register;
  });
}
const perMinute = (registers: readonly Register[]) =>
  registers.map(({ rate }) => (rate === undefined ? undefined : Math.round(rate * MINUTE * 1e6) / 1e6));

describe("a register of energy", () => {
  test("says nothing before a whole minute of it, then the mean since", () => {
    const fine = Array.from({ length: 41 }, (_, i): [number, number] => [100 + i * 0.001, i * 3_000]);
    const rates = perMinute(follow(fine));
    expect(rates.slice(0, 20)).toEqual(Array(20).fill(undefined));
    expect(rates[20]).toBeCloseTo(0.02, 9);
    expect(rates.at(-1)).toBeCloseTo(0.02, 9);
  });

  test("that counts coarsely is followed until its steps make a mean, a quarter of an hour at most", () => {
    const coarse = Array.from({ length: 32 }, (_, i) => Math.floor(i * 0.35) / 10);
    const rates = perMinute(follow(coarse));
    expect(rates.slice(0, 15)).toEqual(Array(15).fill(undefined));
    expect(rates[15]).toBeCloseTo(0.5 / 15, 6);
    expect(rates.at(-1)).toBeCloseTo(0.5 / 15, 1);
  });

  test("that stands still says 0 after that time", () => {
    const rates = perMinute(follow(Array(17).fill(5)));
    expect(rates[14]).toBeUndefined();
    expect(rates[16]).toBe(0);
  });

  test("rolls over without losing what it counted", () => {
    const figures = Array.from({ length: 61 }, (_, i): [number, number] => [
      (9_999.98 + i * 0.001) % 10_000,
      i * 3_000,
    ]);
    const registers = follow(figures, { rollsOverAt: 10_000 });
    expect(registers.at(-1)!.resets).toBe(0);
    expect(perMinute(registers).at(-1)).toBeCloseTo(0.02, 6);
  });

  test.each([
    ["falls in the middle of its range", [500, 500.5, 3], { rollsOverAt: 1_000 }],
    ["falls and has no end that is known", [9_999.9, 0.1], {}],
    ["falls from its end to its middle", [9_999.9, 5_000], { rollsOverAt: 10_000 }],
    ["jumps further than could be drawn", [5, 5.4, 40], {}],
  ] as const)("that %s begins anew and invents nothing", (_, figures, rules) => {
    const after = follow([...figures], rules).at(-1)!;
    expect(after).toMatchObject({ resets: 1, gained: 0, rate: undefined, last: figures.at(-1) });
  });

  test("that was silent for too long begins anew, without the energy of the gap as power of now", () => {
    const after = follow([
      [1, 0],
      [1.3, MINUTE],
      [1.6, 2 * MINUTE],
      [3, 5 * MINUTE],
    ]).at(-1)!;
    expect(after).toMatchObject({ resets: 0, gained: 0, rate: undefined });
  });

  test("that goes back in time is not believed", () => {
    const registers = follow([
      [1, MINUTE],
      [1.1, 0],
    ]);
    expect(registers[1]).toBe(registers[0]);
  });
});
