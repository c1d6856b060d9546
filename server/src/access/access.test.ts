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
    expect(access.grantOf({})).toEqual({ role: "admin", who: "", by: "anyone", endsWith: "open" });
  });

  test("knows a session over TLS by the cookie alone that its host has given, which lasts over a restart and another token", async () => {
    const state = new MemoryStateStore();
    const clock = fakeClock(Date.UTC(2026, 10, 26));
    const bound = (token: string) => ({ host: "farm:8080", cookie: `__Host-hashwatt-8080=${token}` });
    const first = await openAccess({ http: { password: PASSWORD }, state, clock });
    const login = await first.access.login({ password: PASSWORD, address: "10.0.0.1", secure: true });
    if (!("token" in login)) throw new Error("was not let in");
    expect(first.access.grantOf(cookie(login.token))).toBeUndefined();
    expect(first.access.grantOf(bound(login.token))?.role).toBe("admin");
    await clock.advance(2 * 3_600_000);
    const next = first.access.rotate(first.access.grantOf(bound(login.token))!);
    await first.close();
    const second = await openAccess({ http: { password: PASSWORD }, state, clock });
    expect(second.access.grantOf(cookie(next!))).toBeUndefined();
    expect(second.access.grantOf(bound(next!))?.role).toBe("admin");
    // One that began in the clear goes on where the server has got a certificate meanwhile.
    const plain = await second.access.login({ password: PASSWORD, address: "10.0.0.1" });
    if (!("token" in plain)) throw new Error("was not let in");
    expect(second.access.grantOf(bound(plain.token))?.role).toBe("admin");
    await second.close();
  });

  test("lets in by a token, by the password for a session, and by nothing else", async () => {
    const { access } = await openAccess({
      http: { password: await hashPassword(PASSWORD), tokens: [TOKEN] },
    });
    expect(access).toMatchObject({ needed: true, asks: "password" });
    const login = await access.login({ password: PASSWORD, address: "10.0.0.1" });
    if (typeof login !== "object" || !("token" in login)) throw new Error("was not let in");
    expect(access.grantOf(cookie(login.token))?.role).toBe("admin");
    expect(access.grantOf({ authorization: `Bearer ${TOKEN}` })).toMatchObject({
      role: "admin",
      by: "token",
    });
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
    expect(await access.login({ password: TOKEN, address: "10.0.0.1" })).toMatchObject({
      grant: { role: "admin" },
    });
    expect(await access.login({ password: "", address: "10.0.0.1" })).toHaveProperty("wrong");
  });

  test("counts wrong passwords, makes who gives too many wait, and says so without the words that were given", async () => {
    const refusals = new Refusals(() => 0);
    const { access } = await openAccess({ http: { password: PASSWORD }, refusals });
    for (let i = 0; i < 5; i++)
      expect(await access.login({ password: `guess-${i}`, address: "10.0.0.1" })).toHaveProperty("wrong");
    expect(await access.login({ password: PASSWORD, address: "10.0.0.1" })).toEqual({ waitMs: 12_000 });
    expect(await access.login({ password: PASSWORD, address: "10.0.0.2" })).toHaveProperty("token");
    expect(refusals.count("login")).toBe(6);
    expect(JSON.stringify(refusals.list())).not.toContain("guess");
  });

  test("keeps sessions over a restart, and none when the password is another", async () => {
    const state = new MemoryStateStore();
    const first = await openAccess({ http: { password: PASSWORD }, state });
    const login = await first.access.login({ password: PASSWORD, address: "10.0.0.1" });
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
    const login = await access.login({ password: PASSWORD, address: "10.0.0.1" });
    if (typeof login !== "object" || !("token" in login)) throw new Error("was not let in");
    let over = 0;
    access.whenOver(login.grant, () => over++);
    access.whenOver({ endsWith: "open" }, () => over++);
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

describe("users and tokens", () => {
  const DAY_MS = 86_400_000;
  const ann = { name: "ann", role: "viewer", password: "ann's password" };
  const enter = async (
    { access }: Awaited<ReturnType<typeof openAccess>>,
    name: string,
    password: string,
  ) => {
    const login = await access.login({ name, password, address: "10.0.0.1" });
    return "token" in login ? login : undefined;
  };

  test("end an open server with the first of them, who must be an admin, and its open connections", async () => {
    const { access } = await openAccess();
    let over = 0;
    access.whenOver(access.grantOf({})!, () => over++);
    await expect(access.addUser("ann", "viewer", "ann's password")).rejects.toThrow(
      /first user must be an admin/,
    );
    expect(() => access.createToken("t", "read", 1, "")).toThrow(/nobody is asked for a token here/);
    expect(access.needed).toBe(false);
    await access.addUser("ann", "admin", "ann's password");
    expect([over, access.needed, access.asks, access.names]).toEqual([1, true, "password", true]);
    expect(access.grantOf({})).toBeUndefined();
    await expect(access.removeUser("ann")).rejects.toThrow(/ann is the last admin/);
    await expect(access.setUser("ann", { role: "viewer" })).rejects.toThrow(/ann is the last admin/);
  });

  test("of the config keep sessions over a restart for as long as role and password are the same", async () => {
    const state = new MemoryStateStore();
    const open = (user: object) => openAccess({ http: { users: [user] }, state });
    const admin = { ...ann, role: "admin" };
    const first = await open(admin);
    const login = await enter(first, "Ann ", "ann's password");
    expect(login?.grant).toMatchObject({ who: "ann", by: "user", role: "admin" });
    await first.close();
    const second = await open(admin);
    expect(second.access.grantOf(cookie(login!.token))?.who).toBe("ann");
    await second.close();
    const third = await open(ann);
    expect(third.access.grantOf(cookie(login!.token))).toBeUndefined();
    await third.close();
  });

  test("of the state give way to one of that name in the config, and do not come back when it leaves", async () => {
    const state = new MemoryStateStore();
    const http = { password: PASSWORD };
    const first = await openAccess({ http, state });
    await first.access.addUser("ann", "admin", "the former password");
    await first.close();
    const second = await openAccess({ http: { ...http, users: [ann] }, state });
    expect(second.access.users()).toMatchObject([{ name: "ann", role: "viewer", from: "config" }]);
    expect(await enter(second, "ann", "ann's password")).toBeDefined();
    await second.close();
    const third = await openAccess({ http, state });
    expect(third.access.users()).toEqual([]);
    await third.close();
    expect(await state.audit.list({ limit: 10 })).toMatchObject([
      { action: "user.remove", object: "ann", by: "server", after: { from: "config" } },
    ]);
  });

  test("have an admin among them where the config's only one is a token that has expired", async () => {
    const clock = fakeClock(Date.UTC(2026, 10, 26));
    const tokens = [{ token: TOKEN, scope: "admin", expires: "2026-11-26" }];
    const { access } = await openAccess({ http: { tokens }, clock });
    await access.addUser("ann", "admin", "ann's password");
    await clock.advance(DAY_MS);
    await expect(access.removeUser("ann")).rejects.toThrow(/ann is the last admin/);
  });

  test("are guessed at no faster from many addresses", async () => {
    const { access } = await openAccess({ http: { password: PASSWORD } });
    for (let i = 0; i < 15; i++)
      expect(await access.login({ password: "a guess", address: `10.0.${i}.1` })).toHaveProperty("wrong");
    const waits = { waitMs: 6_000 };
    expect(await access.login({ password: PASSWORD, address: "10.1.0.1" })).toEqual(waits);
    expect(await access.login({ name: "admin", password: PASSWORD, address: "10.1.0.1" })).toEqual(waits);
  });

  test("are not let in by the password or in the role that they had when they began to log in", async () => {
    const open = await openAccess({ http: { password: PASSWORD } });
    await open.access.addUser("ann", "admin", "the former password");
    const changed = open.access.setUser("ann", { password: "the next password" });
    // Passwords are hashed one after the other: the next one first, and what comes now is compared with the former.
    await fakeClock(0).advance(1);
    const late = enter(open, "ann", "the former password");
    await changed;
    expect(await late).toBeUndefined();
    const demoted = enter(open, "ann", "the next password");
    await open.access.setUser("ann", { role: "viewer" });
    expect(await demoted).toBeUndefined();
    expect((await enter(open, "ann", "the next password"))?.grant.role).toBe("viewer");
  });

  test("keep in what a token of the config lets them do over a restart, and nothing that it does no more", async () => {
    const state = new MemoryStateStore();
    const other = "fedcba9876543210fedc";
    const open = (...tokens: object[]) => openAccess({ http: { tokens }, state });
    const wide = { token: TOKEN, scope: "admin" };
    const first = await open(wide, { token: other, scope: "read" });
    const login = await first.access.login({ password: TOKEN, address: "10.0.0.1" });
    if (!("token" in login)) throw new Error("was not let in");
    await first.close();
    const second = await open(wide, { token: other, scope: "read" });
    expect(second.access.grantOf(cookie(login.token))?.role).toBe("admin");
    await second.close();
    const narrowed = await open({ token: TOKEN, scope: "read" }, { token: other, scope: "admin" });
    expect(narrowed.access.grantOf(cookie(login.token))).toBeUndefined();
    await narrowed.close();
  });

  test("are kept out of where they have been before by nobody who guesses at them from elsewhere", async () => {
    const { access } = await openAccess({ http: { password: PASSWORD } });
    const home = { password: PASSWORD, address: "192.168.1.7" };
    expect(await access.login(home)).toHaveProperty("token");
    for (let i = 0; i < 40; i++) await access.login({ password: "a guess", address: `10.0.${i}.1` });
    expect(await access.login({ ...home, address: "192.168.1.8" })).toHaveProperty("waitMs");
    expect(await access.login(home)).toHaveProperty("token");
    for (let i = 0; i < 5; i++)
      expect(await access.login({ ...home, password: "a guess" })).toHaveProperty("wrong");
    expect(await access.login(home)).toEqual({ waitMs: 12_000 });
  });

  test("a damaged list is no empty one: the server says what to do and does not start open", async () => {
    for (const key of ["access/users", "access/tokens"]) {
      const state = new MemoryStateStore();
      await state.putSetting(key, '[{"name":');
      await expect(openAccess({ state })).rejects.toMatchObject({ code: "storeDamaged" });
    }
  });

  test("a token ends when its time has come, with its connections and the sessions that it has opened", async () => {
    const clock = fakeClock(Date.UTC(2026, 10, 26));
    const { access, close } = await openAccess({ http: { password: PASSWORD }, clock });
    const { token, id } = await access.createToken("grafana", "read", 1, "admin");
    const headers = { authorization: `Bearer ${token}` };
    const grant = access.grantOf(headers)!;
    expect(grant).toEqual({ role: "viewer", who: "grafana", by: "token", endsWith: `token:${id}` });
    const login = await access.login({ password: token, address: "10.0.0.1" });
    if (!("token" in login)) throw new Error("was not let in");
    const over: string[] = [];
    access.whenOver(grant, () => over.push("token"));
    access.whenOver(login.grant, () => over.push("session"));
    await clock.advance(DAY_MS / 2);
    access.keep(login.grant);
    expect([over, access.grantOf(headers)?.role]).toEqual([[], "viewer"]);
    await clock.advance(DAY_MS / 2 + 1_000);
    expect(over.sort()).toEqual(["session", "token"]);
    expect(access.grantOf(headers)).toBeUndefined();
    expect(access.endedToken(headers)).toEqual({ ended: "expired", atMs: Date.UTC(2026, 10, 27) });
    expect(access.tokens()).toMatchObject([{ name: "grafana", state: "expired" }]);
    await close();
  });
});
