import { ROLES, type Role } from "@hashwatt/server/access/role";
import { ROUTE_ROLES } from "@hashwatt/server/http/routeRoles";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listenExactly } from "../support/toldHttp.js";
import { until } from "../support/wait.js";
import { AccessServer, bearer, EXPIRED, type Headers, PASSWORDS, pathOf } from "./support/accessServer.js";

interface Caller {
  who: string;
  /** Null: nobody whom the server knows. */
  role: Role | null;
  headers: Headers;
}

const expected = (needed: Role | "public", role: Role | null): 401 | 403 | "in" => {
  if (needed === "public") return "in";
  if (role === null) return 401;
  return ROLES.indexOf(role) >= ROLES.indexOf(needed) ? "in" : 403;
};

describe("who may do what", () => {
  let at: AccessServer;
  let callers: Caller[];

  beforeAll(async () => {
    at = await AccessServer.start();
    const revoked = await at.token("revoked", "admin");
    expect((await at.tell("DELETE", `/api/tokens/${revoked.id}`)).status).toBe(200);
    callers = [
      { who: "nobody", role: null, headers: {} },
      { who: "a made-up token", role: null, headers: bearer("hashwatt_made-up-made-up") },
      { who: "an expired token", role: null, headers: bearer(EXPIRED) },
      { who: "a revoked token", role: null, headers: bearer(revoked.token) },
    ];
    for (const [i, scope] of (["read", "operate", "admin"] as const).entries()) {
      const role = ROLES[i]!;
      const { token } = await at.token(`walk-${scope}`, scope);
      callers.push({ who: `a ${scope} token`, role, headers: bearer(token) });
      const headers = await at.sessionOf(`the-${role}`, PASSWORDS[role]);
      callers.push({ who: `the ${role}`, role, headers });
    }
  });
  afterAll(() => at.remove());

  test("the table and the server have the same endpoints and channels", () => {
    expect([...at.server.endpoints].sort()).toEqual(Object.keys(ROUTE_ROLES).sort());
  });

  test("every endpoint answers nobody, each role by session and token, and ended tokens as the table says", async () => {
    let asked = 0;
    for (const endpoint of at.server.endpoints) {
      const [method = ""] = endpoint.split(" ");
      // Logging out would end the callers' own sessions; who may, is whoever has one.
      if (method === "WS" || method === "LIVE" || endpoint === "DELETE /api/session") continue;
      const needed = ROUTE_ROLES[endpoint];
      if (needed === undefined) throw new Error(`${endpoint} is in no list of who may use it`);
      for (const { who, role, headers } of callers) {
        const { status, body } = await at.ask(method, pathOf(endpoint), headers);
        const want = expected(needed, role);
        const what = `${endpoint} by ${who}: ${status} ${body.slice(0, 200)}`;
        if (want === "in") expect([401, 403], what).not.toContain(status);
        else expect(status, what).toBe(want);
        if (want === 401 && who === "an expired token")
          expect(body).toContain("this token has expired at 2020-01-02T00:00:00.000Z");
        if (want === 401 && who === "a revoked token") expect(body).toContain("this token was revoked at");
        if (want === 403) expect(body).toContain(`this is for the role ${needed}, and yours is ${role}`);
        asked++;
      }
    }
    expect(asked).toBeGreaterThan(callers.length * 20);
  });

  test("what makes the server call strangers is the admin's to say, however a file writes it", async () => {
    const yaml = [
      'hashwatt: 1\nsources: { "*": [{ id: x, kind: kraken }] }\n',
      'hashwatt: 1\n"sources":\n  "*":\n    - { id: x, kind: kraken }\n',
      '{ "hashwatt": 1, "sources": { "*": [{ "id": "x", "kind": "kraken" }] } }',
    ];
    const operator = callers.find(({ who }) => who === "the operator")!.headers;
    for (const text of yaml) {
      const answer = await at.ask("POST", "/api/settings/import", operator, { yaml: text });
      expect([answer.status, answer.body]).toEqual([403, expect.stringContaining("are for the role admin")]);
    }
    const put = await at.ask("PUT", "/api/settings/sources/x", operator, { id: "x", kind: "kraken" });
    expect(put.status).toBe(403);
    const tried = await at.ask("POST", "/api/settings/import?dryRun=true", at.admin, { yaml: yaml[2] });
    expect(JSON.parse(tried.body)).toMatchObject({ errors: [], changes: [{ kind: "source", id: "x" }] });
  });

  test("the live feed and every channel of it open to whom the table says", async () => {
    const channels = [...at.server.endpoints].flatMap((each) => /^LIVE (.+)$/.exec(each)?.[1] ?? []);
    expect(channels).toHaveLength(4);
    for (const { who, role, headers } of callers) {
      const opened = await listenExactly(at.port, headers);
      const want = expected(ROUTE_ROLES["WS /live"]!, role);
      if (want !== "in") {
        expect(opened, who).toBe(want);
        continue;
      }
      if (typeof opened === "number") throw new Error(`${who} was refused with ${opened}`);
      for (const channel of channels) {
        const name = channel.replace("<id>", "r1");
        opened.socket.send(JSON.stringify({ op: "subscribe", channel: name }));
        await until(`${who} hears of ${name}`, () => opened.frames.some(({ ch }) => ch === name));
        const said = opened.frames.find(({ ch }) => ch === name);
        const isIn = expected(ROUTE_ROLES[`LIVE ${channel}`]!, role) === "in";
        // There is no rig here: who may listen to one is told that, and who may not, something else.
        const open = channel.startsWith("rig:")
          ? said?.message === "rig:r1: there is no such rig"
          : said?.t === "snap";
        expect(open, `${who} at ${channel}: ${JSON.stringify(said)?.slice(0, 100)}`).toBe(isIn);
      }
      opened.socket.terminate();
    }
  });

  test("no page of another origin changes anything or hears anything with a cookie that is good, and none may read what is told", async () => {
    const cookie = at.admin.cookie!;
    const foreign: Headers[] = [
      { cookie, origin: "http://evil.example" },
      { cookie, origin: "null" },
      { cookie, origin: `http://127.0.0.1:${at.port + 1}` },
      { cookie, origin: `http://127.0.0.1:${at.port}.evil.example` },
      { cookie, "sec-fetch-site": "cross-site" },
      { cookie, "sec-fetch-site": "same-site" },
      { cookie },
    ];
    const done = async () => (await at.record("&action=user.")).filter(({ result }) => result === "done");
    const before = await done();
    for (const endpoint of at.server.endpoints) {
      const [method = ""] = endpoint.split(" ");
      if (["GET", "WS", "LIVE"].includes(method)) continue;
      for (const headers of foreign) {
        const body =
          method === "POST" ? { name: "intruder", role: "admin", password: "of the intruder" } : undefined;
        const answer = await at.ask(method, pathOf(endpoint), headers, body);
        expect(answer.status, `${endpoint} ${JSON.stringify(headers)}`).toBe(403);
      }
      const preflight = await at.ask("OPTIONS", pathOf(endpoint), {
        origin: "http://evil.example",
        "access-control-request-method": method,
        "access-control-request-headers": "content-type",
      });
      expect(preflight.status, endpoint).toBe(403);
      for (const { headers } of [preflight, await at.tell("GET", pathOf(endpoint))])
        expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
    for (const headers of foreign.filter(({ origin }) => origin !== undefined))
      expect(await listenExactly(at.port, headers)).toBe(403);
    expect((await at.tell("GET", "/api/users")).body).not.toContain("intruder");
    expect(await done()).toEqual(before);
  });
});
