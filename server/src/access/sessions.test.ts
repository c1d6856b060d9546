import { randomBytes } from "node:crypto";
import { fakeClock } from "@hashwatt/protocol/time";
import { describe, expect, test } from "vitest";
import { Endings } from "./endings.js";
import type { Role } from "./role.js";
import { Sessions } from "./sessions.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TERMS = { idleMs: DAY_MS, maxMs: 30 * DAY_MS, rotateMs: HOUR_MS };
const ann = (role: Role) => ({ of: "user:ann", name: "ann", role, stamp: "s", secure: false });
const all = () => true;
const start = (key = randomBytes(32)) => {
  const clock = fakeClock(Date.UTC(2026, 10, 26));
  const endings = new Endings();
  return { clock, key, endings, sessions: new Sessions(key, clock, TERMS, endings) };
};

describe("a session", () => {
  test("lasts as long as it is used, and ends a day after its last use", async () => {
    const { clock, sessions } = start();
    const { token } = sessions.open(ann("admin"));
    for (let i = 0; i < 20; i++) {
      await clock.advance(23 * HOUR_MS);
      expect(sessions.use(token)?.role).toBe("admin");
    }
    await clock.advance(DAY_MS);
    expect(sessions.use(token)).toBeUndefined();
  });

  test("ends after 30 days however much it is used", async () => {
    const { clock, sessions } = start();
    const { token } = sessions.open(ann("admin"));
    for (let i = 0; i < 59; i++) {
      await clock.advance(DAY_MS / 2);
      expect(sessions.use(token), `${i}`).toBeDefined();
    }
    await clock.advance(DAY_MS / 2);
    expect(sessions.use(token)).toBeUndefined();
  });

  test("ends when its owner opens a hundred more, and not for those of another", async () => {
    const { clock, sessions } = start();
    const bob = sessions.open({ ...ann("admin"), of: "user:bob", name: "bob" }).token;
    const first = sessions.open(ann("viewer")).token;
    await clock.advance(1_000);
    const later = Array.from({ length: 1_500 }, () => sessions.open(ann("viewer")).token);
    expect(sessions.use(first)).toBeUndefined();
    expect(later.filter((token) => sessions.use(token))).toHaveLength(100);
    expect(sessions.use(bob)?.name).toBe("bob");
  });

  test("tells those who watch it that it has ended, once, by expiry as by logout, and those no more who stopped watching", async () => {
    const { clock, endings, sessions } = start();
    const over: string[] = [];
    const one = sessions.open(ann("admin")).session;
    const two = sessions.open(ann("admin")).session;
    endings.watch(`session:${one.key}`, () => over.push("one"));
    endings.watch(`session:${one.key}`, () => over.push("one, no more"))[Symbol.dispose]();
    endings.watch(`session:${two.key}`, () => over.push("two"));
    sessions.end(two);
    sessions.end(two);
    expect(over).toEqual(["two"]);
    await clock.advance(DAY_MS);
    sessions.sweep();
    sessions.sweep();
    expect(over).toEqual(["two", "one"]);
  });

  test("outlives a restart under the same passwords, and not under others; what is kept holds no token", async () => {
    const { clock, key, endings, sessions } = start();
    const { token } = sessions.open(ann("operator"));
    const text = sessions.text();
    expect(text).not.toContain(token);
    const later = new Sessions(key, clock, TERMS, endings);
    later.load(text, all);
    expect(later.use(token)?.role).toBe("operator");
    const others = new Sessions(randomBytes(32), clock, TERMS, endings);
    others.load(text, all);
    expect(others.use(token)).toBeUndefined();
    const changed = new Sessions(key, clock, TERMS, endings);
    changed.load(text, ({ stamp }) => stamp !== "s");
    expect(changed.use(token)).toBeUndefined();
    await clock.advance(DAY_MS);
    const tooLate = new Sessions(key, clock, TERMS, endings);
    tooLate.load(text, all);
    expect(tooLate.use(token)).toBeUndefined();
  });

  test.each([undefined, "", "nonsense", '{"a":1}', '[{"id":1}]'])(
    "is not made of a damaged text: %s",
    (text) => {
      const { sessions } = start();
      sessions.load(text, all);
      expect(sessions.text()).toBe("[]");
    },
  );

  test("that was unused for longest gives way when there are a thousand", async () => {
    const { clock, sessions } = start();
    const tokens: string[] = [];
    const someone = (i: number) => ({ ...ann("admin"), of: `user:${i % 20}` });
    for (let i = 0; i < 1_000; i++) {
      tokens.push(sessions.open(someone(i)).token);
      await clock.advance(1);
    }
    sessions.use(tokens[0]!);
    tokens.push(sessions.open(ann("admin")).token);
    expect(tokens.map((token) => sessions.use(token) !== undefined).indexOf(false)).toBe(1);
    expect(tokens.filter((token) => sessions.use(token))).toHaveLength(1_000);
  });

  test("gets another token once the one it has is old, and loses no request that is under way with the old one", async () => {
    const { clock, sessions } = start();
    const { token: first, session } = sessions.open(ann("viewer"));
    expect(sessions.rotate(session)).toBeUndefined();
    await clock.advance(HOUR_MS);
    const second = sessions.rotate(session);
    if (second === undefined) throw new Error("got none");
    // Requests side by side get one new token among them, and all tokens are good meanwhile.
    expect(sessions.rotate(session)).toBeUndefined();
    expect(sessions.use(first)).toBe(session);
    expect(sessions.use(second)).toBe(session);
    await clock.advance(59_000);
    expect(sessions.use(first)).toBe(session);
    await clock.advance(2_000);
    expect(sessions.use(first)).toBeUndefined();
    expect(sessions.use(second)).toBe(session);
    expect(session.name).toBe("ann");
  });

  test("goes on with its old token when the answer with the next one got lost, and is given another", async () => {
    const { clock, key, endings, sessions } = start();
    const { token: first, session } = sessions.open(ann("viewer"));
    await clock.advance(HOUR_MS);
    const lost = sessions.rotate(session);
    await clock.advance(10 * 60_000);
    expect(sessions.use(first)).toBe(session);
    const next = sessions.rotate(session);
    expect(next).toBeDefined();
    expect(next).not.toBe(lost);
    // Both outlive a restart in the middle of it.
    const later = new Sessions(key, clock, TERMS, endings);
    later.load(sessions.text(), all);
    expect(later.use(first)?.key).toBe(session.key);
    expect(later.use(next!)?.key).toBe(session.key);
    later.endOf("user:ann");
    expect(later.use(first)).toBeUndefined();
    expect(later.use(next!)).toBeUndefined();
  });
});
