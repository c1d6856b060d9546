import { fakeClock } from "@hashwatt/protocol/time";
import { describe, expect, test } from "vitest";
import { openAccess } from "../fixtures/openAccess.js";
import { Refusals } from "../refusals.js";
import { MemoryStateStore } from "../store/state/memory.js";
import { hashPassword } from "./passwordHash.js";

const PASSWORD = "correct horse";
const TOKEN = "0123456789abcdef0123";
const cookie = (token: string) => ({ host: "farm:8080", cookie: `a=b; hashwatt-8080=${token}` });

describe("access", () => {
  test("lets everybody do everything where neither password nor token is set", async () => {
    const { access } = await openAccess();
    expect(access.needed).toBe(false);
    expect(access.grantOf({})).toEqual({ role: "admin" });
  });

  test("lets in by a token, by the password for a session, and by nothing else", async () => {
    const { access } = await openAccess({
      http: { password: await hashPassword(PASSWORD), tokens: [TOKEN] },
    });
    expect(access).toMatchObject({ needed: true, asks: "password" });
    const login = await access.login(PASSWORD, "10.0.0.1");
    if (typeof login !== "object" || !("token" in login)) throw new Error("was not let in");
    expect(access.grantOf(cookie(login.token))?.role).toBe("admin");
    expect(access.grantOf({ authorization: `Bearer ${TOKEN}` })).toEqual({ role: "admin" });
    for (const headers of [
      {},
      { authorization: `Bearer ${TOKEN}0` },
      { authorization: `Basic ${TOKEN}` },
      { authorization: "Bearer " },
      { authorization: `Bearer ${login.token}` },
      cookie(""),
      cookie(TOKEN),
      { host: "farm", cookie: `hashwatt-8080=${login.token}` },
      // Who gives a wrong token is not let in by a cookie beside it.
      { ...cookie(login.token), authorization: "Bearer wrong-wrong-wrong" },
    ])
      expect(access.grantOf(headers), JSON.stringify(headers)).toBeUndefined();
  });

  test("asks for a token where there is no password, and takes it for a session", async () => {
    const { access } = await openAccess({ http: { tokens: [TOKEN] } });
    expect(access.asks).toBe("token");
    expect(await access.login(TOKEN, "10.0.0.1")).toMatchObject({ grant: { role: "admin" } });
    expect(await access.login("", "10.0.0.1")).toBe("wrong");
  });

  test("counts wrong passwords, makes who gives too many wait, and says so without the words that were given", async () => {
    const refusals = new Refusals(() => 0);
    const { access } = await openAccess({ http: { password: PASSWORD }, refusals });
    for (let i = 0; i < 5; i++) expect(await access.login(`guess-${i}`, "10.0.0.1")).toBe("wrong");
    expect(await access.login(PASSWORD, "10.0.0.1")).toEqual({ waitMs: 12_000 });
    expect(await access.login(PASSWORD, "10.0.0.2")).toHaveProperty("token");
    expect(refusals.count("login")).toBe(6);
    expect(JSON.stringify(refusals.list())).not.toContain("guess");
  });

  test("keeps sessions over a restart, and none when the password is another", async () => {
    const state = new MemoryStateStore();
    const first = await openAccess({ http: { password: PASSWORD }, state });
    const login = await first.access.login(PASSWORD, "10.0.0.1");
    if (typeof login !== "object" || !("token" in login)) throw new Error("was not let in");
    await first.close();
    const second = await openAccess({ http: { password: PASSWORD }, state });
    expect(second.access.grantOf(cookie(login.token))).toBeDefined();
    await second.close();
    const third = await openAccess({ http: { password: `${PASSWORD}!` }, state });
    expect(third.access.grantOf(cookie(login.token))).toBeUndefined();
    await third.close();
  });

  test("ends a session that nobody uses, and tells who watches it", async () => {
    const clock = fakeClock(Date.UTC(2026, 10, 26));
    const { access } = await openAccess({ http: { password: PASSWORD, sessionIdleMs: 60_000 }, clock });
    const login = await access.login(PASSWORD, "10.0.0.1");
    if (typeof login !== "object" || !("token" in login)) throw new Error("was not let in");
    let over = 0;
    access.whenOver(login.grant, () => over++);
    access.whenOver({ role: "admin" }, () => over++);
    await clock.advance(50_000);
    expect(access.grantOf(cookie(login.token))).toBeDefined();
    await clock.advance(50_000);
    access.keep(login.grant);
    await clock.advance(59_000);
    expect(over).toBe(0);
    await clock.advance(2_000);
    expect(over).toBe(1);
    expect(access.grantOf(cookie(login.token))).toBeUndefined();
  });
});
