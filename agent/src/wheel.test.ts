import { describe, expect, it } from "vitest";
import { type Spoke, Wheel } from "./wheel.js";

interface Item extends Spoke {
  name: string;
}
const item = (name: string): Item => ({ name, next: undefined });

function run(wheel: Wheel<Item>, nowMs: number): string[] {
  const due: string[] = [];
  wheel.advance(nowMs, ({ name }) => due.push(name));
  return due.sort();
}

describe("a timing wheel", () => {
  it("hands over what is due, and nothing before", () => {
    const wheel = new Wheel<Item>(10, 16, 0);
    wheel.add(item("a"), 25);
    wheel.add(item("b"), 30);
    wheel.add(item("c"), 31);
    expect(run(wheel, 29)).toEqual([]);
    expect(run(wheel, 30)).toEqual(["a", "b"]);
    expect(run(wheel, 40)).toEqual(["c"]);
    expect(wheel.size).toBe(0);
  });

  it("hands over at the next tick what is overdue already", () => {
    const wheel = new Wheel<Item>(10, 16, 1_000);
    wheel.add(item("late"), 5);
    expect(run(wheel, 1_010)).toEqual(["late"]);
  });

  it("keeps what lies beyond a turn until the end of the turn", () => {
    const wheel = new Wheel<Item>(10, 16, 0);
    wheel.add(item("far"), 10_000);
    expect(run(wheel, 140)).toEqual([]);
    expect(run(wheel, 150)).toEqual(["far"]);
  });

  it("loses nothing after a standstill of many turns", () => {
    const wheel = new Wheel<Item>(10, 16, 0);
    for (let i = 1; i <= 12; i++) wheel.add(item(`${i}`), i * 10);
    expect(run(wheel, 1_000_000)).toHaveLength(12);
  });

  it("takes back an item while it hands it over", () => {
    const wheel = new Wheel<Item>(10, 16, 0);
    const one = item("x");
    wheel.add(one, 10);
    wheel.advance(10, (due) => wheel.add(due, 30));
    expect(run(wheel, 20)).toEqual([]);
    expect(run(wheel, 30)).toEqual(["x"]);
  });
});
