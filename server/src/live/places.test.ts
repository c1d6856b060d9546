import { describe, expect, test } from "vitest";
import { type Guest, MAX_OF_NETWORK, MAX_OF_USER, MAX_PLACES, Places } from "./places.js";

const guest = (who: string, address = "10.0.0.1", forwarded?: string): Guest => ({
  grant: { by: who === "" ? "anyone" : "user", who },
  address,
  forwardedFor: forwarded,
});
/** Takes so many places; the last answer. */
function takeAll(places: Places, count: number, one: (n: number) => Guest): Disposable | string {
  let last: Disposable | string = "";
  for (let n = 0; n < count; n++) last = places.take(one(n));
  return last;
}

describe("the places on the live feed", () => {
  test("are not all one user's: the others come in, and so does that one who lets one go", () => {
    const places = new Places();
    const held = takeAll(places, MAX_OF_USER, () => guest("eve"));
    expect(places.take(guest("eve", "10.0.0.2"))).toBe("64 screens of eve are connected: close some first");
    expect(places.taken).toBe(MAX_OF_USER);
    expect(places.take(guest("ann"))).toBeTypeOf("object");
    (held as Disposable)[Symbol.dispose]();
    (held as Disposable)[Symbol.dispose]();
    expect(places.taken).toBe(MAX_OF_USER);
    expect(places.take(guest("eve"))).toBeTypeOf("object");
  });

  test("are not all of one network, whatever names are used there", () => {
    const places = new Places();
    takeAll(places, MAX_OF_NETWORK, (n) => guest(`user${n}`, `2001:db8::${n}`));
    expect(places.take(guest("one-more", "2001:db8::ffff"))).toBe(
      "128 screens from 2001:db8:0:0::/64 are connected: close some first",
    );
    expect(places.take(guest("one-more", "2001:db8:1::1"))).toBeTypeOf("object");
  });

  test("are counted by whom a proxy speaks for, where the config names it and as far as it can be believed", () => {
    const places = new Places(["192.0.2.0/24", "2001:db8::1"]);
    takeAll(places, MAX_OF_NETWORK, (n) => guest(`user${n}`, "192.0.2.7", "203.0.113.1, 198.51.100.9"));
    expect(places.take(guest("b", "::ffff:192.0.2.8", "198.51.100.9, 192.0.2.1"))).toMatch(
      /from 198.51.100.9/,
    );
    expect(places.take(guest("c", "192.0.2.7", "198.51.100.10"))).toBeTypeOf("object");
    // Whoever is no proxy of ours says nothing of others.
    expect(places.take(guest("d", "198.51.100.9", "203.0.113.5"))).toMatch(/from 198.51.100.9/);
  });

  test("are bounded in all, from this machine too, where everybody may be behind a proxy", () => {
    const places = new Places();
    expect(takeAll(places, MAX_PLACES, (n) => guest(n % 2 ? "" : `user${n}`, "127.0.0.1"))).toBeTypeOf(
      "object",
    );
    const why = places.take(guest("", "127.0.0.1"));
    expect(why).toBe("256 screens are connected, which is all there may be");
  });

  test("are refused in a line that a close frame can hold", () => {
    const places = new Places();
    const who = `a${"@".repeat(63)}`;
    takeAll(places, MAX_OF_USER, () => guest(who));
    expect(Buffer.byteLength(places.take(guest(who)) as string)).toBeLessThanOrEqual(123);
  });
});
