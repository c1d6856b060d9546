import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type AuditEntry, auditPageSchema } from "@hashwatt/protocol/access";
import { NO_PLACE, SESSION_OVER } from "@hashwatt/protocol/live";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cookieOf, listenExactly } from "../support/toldHttp.js";
import { until } from "../support/wait.js";
import { AccessServer, bearer, PASSWORDS, SECRET } from "./support/accessServer.js";

describe("users, tokens and the record of changes", () => {
  let at: AccessServer;

  beforeAll(async () => {
    at = await AccessServer.start();
  });
  afterAll(() => at.remove());

  test("a user is added, logs in by name, and is out at once, live connections too, when role or password change or the user goes", async () => {
    const add = await at.tell("POST", "/api/users", {
      name: "ann",
      role: "viewer",
      password: "ann's password",
    });
    expect([add.status, JSON.parse(add.body)]).toEqual([
      201,
      expect.objectContaining({ name: "ann", role: "viewer", from: "state" }),
    ]);
    for (const change of [{ role: "operator" }, { password: "another of ann" }, undefined]) {
      const ann = await at.sessionOf("ann", change ? "ann's password" : "another of ann");
      const live = await listenExactly(at.port, ann);
      if (typeof live === "number") throw new Error(`refused with ${live}`);
      const changed = change
        ? await at.tell("PATCH", "/api/users/ann", change)
        : await at.tell("DELETE", "/api/users/ann");
      expect(changed.status, changed.body).toBe(200);
      expect(await live.closed).toBe(SESSION_OVER);
      expect((await at.ask("GET", "/api/fleet", ann)).status).toBe(401);
    }
    expect((await at.login("ann", "another of ann")).status).toBe(401);
    expect((await at.record("&action=user.")).slice(0, 4)).toMatchObject([
      { action: "user.remove", object: "ann", before: { role: "operator" } },
      { action: "user.password", object: "ann", after: { password: "changed" } },
      { action: "user.role", object: "ann", before: { role: "viewer" }, after: { role: "operator" } },
      {
        action: "user.add",
        object: "ann",
        after: { role: "viewer" },
        who: "the-admin",
        by: "user",
        address: "127.0.0.1",
        result: "done",
      },
    ]);
  });

  test("the screens of one user do not take the places of the others on the live feed, and are told why there is none", async () => {
    const viewer = await at.sessionOf("the-viewer", PASSWORDS.viewer);
    const first = await Promise.all(Array.from({ length: 64 }, () => listenExactly(at.port, viewer)));
    const [one] = first;
    if (first.some((live) => typeof live === "number")) throw new Error("refused");
    const beyond = await listenExactly(at.port, viewer);
    if (typeof beyond === "number") throw new Error(`refused with ${beyond}`);
    expect(await beyond.closed).toBe(NO_PLACE);
    expect(await beyond.reason).toBe("64 screens of the-viewer are connected: close some first");
    const other = await listenExactly(at.port, await at.sessionOf("the-operator", PASSWORDS.operator));
    if (typeof other === "number" || typeof one !== "object") throw new Error("refused");
    one.socket.terminate();
    await until("the place is free", async () => {
      const again = await listenExactly(at.port, viewer);
      if (typeof again === "number") return false;
      const { frames, socket } = again;
      await until("it is answered", () => frames.length > 0 || socket.readyState !== socket.OPEN);
      const isIn = frames.length > 0;
      socket.terminate();
      return isIn;
    });
    expect(other.socket.readyState).toBe(other.socket.OPEN);
    for (const live of [...first, other]) if (typeof live === "object") live.socket.terminate();
  });

  test("a browser's token is another once it is old, in an answer to whatever it asks, and requests side by side all get in", async () => {
    at.rotateMs = 1_000;
    await at.restart();
    const first = await at.sessionOf("the-operator", PASSWORDS.operator);
    const live = await listenExactly(at.port, first);
    if (typeof live === "number") throw new Error(`refused with ${live}`);
    await until("the token is old enough", async () => {
      const answers = await Promise.all([1, 2, 3, 4].map(() => at.ask("GET", "/api/alerts", first)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      const set = answers.filter(({ headers }) => headers["set-cookie"]);
      if (!set.length) return false;
      expect(set).toHaveLength(1);
      expect(set[0]!.headers["set-cookie"]?.[0]).toMatch(/; HttpOnly; SameSite=Strict$/);
      const second = { cookie: cookieOf(set[0]!), ...at.here() };
      expect(second.cookie).not.toBe(first.cookie);
      for (const headers of [second, first, second])
        expect((await at.ask("GET", "/api/alerts", headers)).status).toBe(200);
      return true;
    });
    expect(live.socket.readyState).toBe(live.socket.OPEN);
    live.socket.terminate();
    at.rotateMs = 3_600_000;
    await at.restart();
  });

  test("what the config declares is changed there alone, and what makes no sense is refused in words", async () => {
    await at.token("taken", "read");
    for (const [method, path, body, says] of [
      ["PATCH", "/api/users/the-viewer", { role: "admin" }, "is declared in the server's config"],
      ["DELETE", "/api/users/the-viewer", undefined, "is declared in the server's config"],
      ["DELETE", "/api/tokens/old", undefined, "There is no token"],
      ["DELETE", "/api/tokens/config-1", undefined, "is declared in the server's config"],
      [
        "POST",
        "/api/users",
        { name: "the-viewer", role: "viewer", password: "long enough" },
        "is there already",
      ],
      [
        "POST",
        "/api/users",
        { name: "admin", role: "viewer", password: "long enough" },
        "the password of the config",
      ],
      ["POST", "/api/users", { name: "Ann B", role: "viewer", password: "long enough" }, "name: must be of"],
      [
        "POST",
        "/api/users",
        { name: "ann", role: "viewer", password: "short" },
        "password: must have at least 8",
      ],
      ["POST", "/api/tokens", { name: "t", scope: "all" }, "scope: "],
      ["POST", "/api/tokens", { name: "t", scope: "read", days: 0 }, "days: "],
      ["POST", "/api/tokens", { name: "taken", scope: "read" }, "there is a token taken already"],
      ["PATCH", "/api/users/ann", {}, "must change the role or the password"],
    ] as const) {
      const answer = await at.tell(method, path, body);
      expect([400, 404], `${method} ${path} ${JSON.stringify(body)}`).toContain(answer.status);
      expect(answer.body).toContain(says);
    }
  });

  test("a token is told once, says when it was used, and lets nobody in any more once it is revoked", async () => {
    const token = await at.token("grafana", "read");
    const live = await listenExactly(at.port, bearer(token.token));
    if (typeof live === "number") throw new Error(`refused with ${live}`);
    const listed = await at.tell("GET", "/api/tokens");
    expect(listed.body).not.toContain(token.token);
    const [shown] = JSON.parse(listed.body).filter(({ id }: { id: string }) => id === token.id);
    expect(shown).toMatchObject({ name: "grafana", scope: "read", state: "valid", createdBy: "the-admin" });
    expect(Date.now() - shown.lastUsedMs).toBeLessThan(60_000);
    expect(Math.round((shown.expiresMs - shown.createdMs) / 86_400_000)).toBe(30);
    // In the place of a password it opens a session, which ends with it.
    const answer = await at.ask("POST", "/api/session", at.here(), { password: token.token });
    const session = { cookie: cookieOf(answer) };
    expect((await at.ask("GET", "/api/fleet", session)).status).toBe(200);
    expect((await at.tell("DELETE", "/api/tokens/grafana")).status).toBe(200);
    expect(await live.closed).toBe(SESSION_OVER);
    expect((await at.ask("GET", "/api/fleet", session)).status).toBe(401);
    const revoked = await at.ask("GET", "/api/fleet", bearer(token.token));
    expect(revoked.body).toContain("this token was revoked at");
  });

  test("the record is read a page at a time, newest first, by time, user and action", async () => {
    const all = await at.record();
    const paged: AuditEntry[] = [];
    for (let before: number | null | undefined; before !== null; ) {
      const answer = await at.ask(
        "GET",
        `/api/audit?limit=5${before === undefined ? "" : `&before=${before}`}`,
        at.admin,
      );
      const page = auditPageSchema.parse(JSON.parse(answer.body));
      expect(page.entries.length).toBeLessThanOrEqual(5);
      paged.push(...page.entries);
      before = page.next;
    }
    expect(paged).toEqual(all);
    expect(all.map(({ n }) => n)).toEqual([...all.map(({ n }) => n)].sort((a, b) => b - a));
    const made = await at.record("&action=token.&user=the-admin");
    expect(new Set(made.map(({ action }) => action))).toEqual(new Set(["token.create", "token.revoke"]));
    const { atMs } = all[2]!;
    expect((await at.record(`&to=${atMs}`)).every((entry) => entry.atMs < atMs)).toBe(true);
    expect((await at.record(`&from=${atMs}`)).every((entry) => entry.atMs >= atMs)).toBe(true);
  });
  test("users, tokens and the record outlive a restart that finds the telemetry destroyed; sessions go on", async () => {
    expect(
      (await at.tell("POST", "/api/users", { name: "bob", role: "operator", password: "bob's password" }))
        .status,
    ).toBe(201);
    const bob = await at.sessionOf("bob", "bob's password");
    const token = await at.token("kept", "operate");
    const before = await at.record();
    await at.server.close();
    for (const file of readdirSync(at.dataDir))
      if (file.startsWith("telemetry")) rmSync(join(at.dataDir, file));
    await at.start();
    expect(JSON.parse((await at.ask("GET", "/api/session", bob)).body)).toMatchObject({
      name: "bob",
      role: "operator",
    });
    expect((await at.ask("GET", "/api/users", bearer(token.token))).status).toBe(403);
    const after = await at.record();
    expect(after.slice(-before.length)).toEqual(before);
    await at.sessionOf("bob", "bob's password");
  });
  test("no secret is printed, told or kept as it is", async () => {
    for (const path of [
      "/api/users",
      "/api/tokens",
      "/api/audit?limit=1000",
      "/api/health",
      "/api/session",
      "/metrics",
      "/api/events",
    ])
      expect((await at.tell("GET", path)).body, path).not.toMatch(SECRET);
    expect((await at.tell("GET", "/api/users")).body).not.toContain("scrypt");
    expect(at.logged.join("")).toContain("logged in");
    expect(at.logged.join("")).not.toMatch(SECRET);
    expect(at.logged.join("")).not.toMatch(/bob's password|another of ann|password in the wrong/);
    await at.server.close();
    for (const file of readdirSync(at.dataDir).filter((name) => name.startsWith("hashwatt.duckdb")))
      expect(readFileSync(join(at.dataDir, file), "latin1"), file).not.toMatch(
        /correct horse|looks and looks|bob's password|hashwatt_[\w-]{43}/,
      );
    await at.start();
  });
});
