import { randomBytes } from "node:crypto";
import { fakeClock } from "@hashwatt/protocol/time";
import { describe, expect, test } from "vitest";
import { Sessions } from "./sessions.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TERMS = { idleMs: DAY_MS, maxMs: 30 * DAY_MS };
const start = (key = randomBytes(32)) => {
  const clock = fakeClock(Date.UTC(2026, 10, 26));
  return { clock, key, sessions: new Sessions(key, clock, TERMS) };
};

describe("a session", () => {
  test("lasts as long as it is used, and ends a day after its last use", async () => {
    const { clock, sessions } = start();
    const { token } = sessions.open("admin");
    for (let i = 0; i < 20; i++) {
      await clock.advance(23 * HOUR_MS);
      expect(sessions.use(token)?.role).toBe("admin");
    }
    await clock.advance(DAY_MS);
    expect(sessions.use(token)).toBeUndefined();
  });

  test("ends after 30 days however much it is used", async () => {
    const { clock, sessions } = start();
    const { token } = sessions.open("admin");
    for (let i = 0; i < 59; i++) {
      await clock.advance(DAY_MS / 2);
      expect(sessions.use(token), `${i}`).toBeDefined();
    }
    await clock.advance(DAY_MS / 2);
    expect(sessions.use(token)).toBeUndefined();
  });

  test("tells those who watch it that it has ended, once, by expiry as by logout, and those no more who stopped watching", async () => {
    const { clock, sessions } = start();
    const over: string[] = [];
    const one = sessions.open("admin").session;
    const two = sessions.open("admin").session;
    sessions.watch(one, () => over.push("one"));
    sessions.watch(one, () => over.push("one, no more"))[Symbol.dispose]();
    sessions.watch(two, () => over.push("two"));
    sessions.end(two);
    sessions.end(two);
    expect(over).toEqual(["two"]);
    await clock.advance(DAY_MS);
    sessions.sweep();
    sessions.sweep();
    expect(over).toEqual(["two", "one"]);
  });

  test("outlives a restart under the same passwords, and not under others; what is kept holds no token", async () => {
    const { clock, key, sessions } = start();
    const { token } = sessions.open("operator");
    const text = sessions.text();
    expect(text).not.toContain(token);
    const later = new Sessions(key, clock, TERMS);
    later.load(text);
    expect(later.use(token)?.role).toBe("operator");
    const others = new Sessions(randomBytes(32), clock, TERMS);
    others.load(text);
    expect(others.use(token)).toBeUndefined();
    await clock.advance(DAY_MS);
    const tooLate = new Sessions(key, clock, TERMS);
    tooLate.load(text);
    expect(tooLate.use(token)).toBeUndefined();
  });

  test.each([undefined, "", "nonsense", '{"a":1}', '[{"id":1}]'])(
    "is not made of a damaged text: %s",
    (text) => {
      const { sessions } = start();
      sessions.load(text);
      expect(sessions.text()).toBe("[]");
    },
  );

  test("that was unused for longest gives way when there are a thousand", async () => {
    const { clock, sessions } = start();
    const tokens: string[] = [];
    for (let i = 0; i < 1_000; i++) {
      tokens.push(sessions.open("admin").token);
      await clock.advance(1);
    }
    sessions.use(tokens[0]!);
    tokens.push(sessions.open("admin").token);
    expect(tokens.map((token) => sessions.use(token) !== undefined).indexOf(false)).toBe(1);
    expect(tokens.filter((token) => sessions.use(token))).toHaveLength(1_000);
  });
});
