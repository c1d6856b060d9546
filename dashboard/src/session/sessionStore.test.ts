import type { SessionView } from "@hashwatt/protocol/http";
import { describe, expect, it } from "vitest";
import { FetchError } from "../feed/fetchApi.js";
import { SessionStore } from "./sessionStore.js";

/** A session whose server says what the test lets it say. */
function setUp() {
  const server = {
    view: { needed: true, asks: "password", names: false, role: null, name: null } as SessionView,
    failing: undefined as FetchError | undefined,
  };
  const answer = (): Promise<SessionView> =>
    server.failing ? Promise.reject(server.failing) : Promise.resolve(server.view);
  const seen: string[] = [];
  const store = new SessionStore({ fetch: answer, open: answer, close: answer });
  store.subscribe(() => seen.push(JSON.stringify(store.get())));
  return { server, store, seen };
}
const loggedIn: SessionView = { needed: true, asks: "password", names: false, role: "admin", name: "admin" };

describe("a session", () => {
  it("is not known before the server has told", () => {
    expect(setUp().store.get()).toEqual({ at: "asking" });
  });

  it("asks for no login where none is needed", async () => {
    const { server, store } = setUp();
    server.view = { needed: false, asks: "password", names: false, role: "admin", name: null };
    await store.check();
    expect(store.get()).toEqual({ at: "in", needed: false, role: "admin", name: null });
  });

  it("begins with the right password, and has ended when the server knows it no more", async () => {
    const { server, store } = setUp();
    await store.check();
    expect(store.get()).toEqual({ at: "out", asks: "password", names: false, because: "come" });
    server.view = loggedIn;
    expect(await store.login("right")).toEqual({ kind: "in" });
    expect(store.get()).toEqual({ at: "in", needed: true, role: "admin", name: "admin" });
    server.view = { ...loggedIn, role: null, name: null };
    await store.check();
    expect(store.get()).toEqual({ at: "out", asks: "password", names: false, because: "ended" });
  });

  it("stays what it is when the server is asked again, or does not answer", async () => {
    const { server, store, seen } = setUp();
    server.view = loggedIn;
    await store.check();
    await store.check();
    server.failing = new FetchError("unreachable", "no connection");
    await store.check();
    expect(store.get()).toEqual({ at: "in", needed: true, role: "admin", name: "admin" });
    expect(seen).toHaveLength(1);
  });

  it("lets the screen say what is wrong with a server that does not answer at first", async () => {
    const { server, store } = setUp();
    server.failing = new FetchError("unreachable", "no connection");
    await store.check();
    expect(store.get()).toEqual({ at: "in", needed: false, role: null, name: null });
    server.failing = undefined;
    await store.check();
    expect(store.get()).toMatchObject({ at: "out", because: "ended" });
  });

  it("ends when one leaves, and not when the server has not heard of it", async () => {
    const { server, store } = setUp();
    server.view = loggedIn;
    await store.check();
    server.failing = new FetchError("unreachable", "no connection");
    await store.logout();
    expect(store.get()).toEqual({ at: "in", needed: true, role: "admin", name: "admin" });
    server.failing = undefined;
    await store.logout();
    expect(store.get()).toEqual({ at: "out", asks: "password", names: false, because: "left" });
  });

  it("says of a failed login whether the password was wrong, one must wait, or the server is away", async () => {
    const { server, store } = setUp();
    server.failing = new FetchError("login", "that is not the password");
    expect(await store.login("wrong")).toEqual({ kind: "wrong" });
    server.failing = Object.assign(new FetchError("refused", "too many"), { retryAfterMs: 12_000 });
    expect(await store.login("wrong")).toEqual({ kind: "wait", waitMs: 12_000 });
    server.failing = new FetchError("unreachable", "no connection");
    expect(await store.login("right")).toMatchObject({ kind: "failed", error: { code: "unreachable" } });
    expect(store.get()).toEqual({ at: "asking" });
  });
});
