import { connect } from "node:net";
import { apiErrorSchema } from "@hashwatt/protocol/http";
import { systemClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configSchema } from "../config/schema.js";
import { type RunningServer, startServer } from "../server.js";

describe("a refusal of the API", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(
      configSchema.parse({
        http: { port: 0 },
        broker: "off",
        store: { kind: "memory" },
        sites: [{ site: "farm" }],
      }),
      "0.1.0",
      systemClock,
      pino({ level: "silent" }),
    );
  });
  afterAll(() => server.close());

  const refusal = async (path: string) => {
    const answer = await fetch(`${server.url}${path}`);
    return { status: answer.status, ...apiErrorSchema.parse(await answer.json()) };
  };
  test.each([
    ["POST", "/api/alerts/silence", "{}", "match: is missing: a JSON object is expected"],
    ["POST", "/api/alerts/x/snooze", "{}", "untilMs: is missing: a number is expected"],
    ["POST", "/api/alerts/x/snooze", '{"untilMs":"soon"}', "untilMs: a number is expected, and not string"],
    ["POST", "/api/alerts/x/snooze", undefined, "body: is missing: a JSON object is expected"],
    ["POST", "/api/alerts/x/ack", undefined, "there is no open alert x; see /api/alerts"],
    ["POST", "/api/alerts/x/ack", '{"not":"on my way"}', "not: is no parameter here; did you mean note?"],
    [
      "DELETE",
      "/api/alerts/silences/x",
      undefined,
      "there is no silence x; GET /api/alerts/silences has those there are",
    ],
    [
      "GET",
      "/api/alerts/x/members",
      undefined,
      "There is no open alert x; GET /api/alerts?state=open has those",
    ],
    [
      "POST",
      "/api/alerts/channels/x/test",
      undefined,
      "there is no channel x; GET /api/alerts/channels has those there are",
    ],
  ])("%s %s with %s says what to do", async (method, path, body, says) => {
    const answer = await fetch(`${server.url}${path}`, {
      method,
      ...(body !== undefined && { body, headers: { "content-type": "application/json" } }),
    });
    expect(apiErrorSchema.parse(await answer.json()).message).toBe(says);
  });

  /** Says something that no HTTP client would, and returns the status and the error of the answer. */
  const shout = async (text: string) => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(text);
    let said = "";
    for await (const chunk of socket) said += chunk;
    const [head = "", body = ""] = said.split("\r\n\r\n");
    return { status: Number(head.split(" ")[1]), ...apiErrorSchema.parse(JSON.parse(body)) };
  };

  test.each([
    ["/api/sites/farm/series?frm=5", "frm", "did you mean from?"],
    ["/api/sites/farm/series?from=5&Step=5", "Step", "did you mean step?"],
    ["/api/alerts?snce=5", "snce", "did you mean since?"],
    ["/api/events?limits=5", "limits", "did you mean limit?"],
    ["/api/events?something-else-entirely=5", "something-else-entirely", "there are since, limit"],
    ["/api/rigs/r1/series?feilds=powerW", "feilds", "did you mean fields?"],
    ["/api/rigs/r1/boards?fields=chips", "fields", "there are from, to, step"],
    ["/api/rigs/r1?x=1", "x", "takes no parameter"],
    ["/api/fleet?x=1", "x", "takes no parameter"],
    ["/api/totals?site=farm", "site", "takes no parameter"],
    ["/api/health?x", "x", "takes no parameter"],
    ["/api/version?x=1", "x", "takes no parameter"],
    ["/api/openapi.json?x=1", "x", "takes no parameter"],
  ])("names the parameter that is none: %s", async (path, field, words) => {
    const { status, ...error } = await refusal(path);
    expect(status).toBe(400);
    expect(error).toEqual({
      error: "badRequest",
      field,
      message: expect.stringMatching(new RegExp(`^${field}: .*${words.replace("?", "\\?")}`)),
    });
  });

  test.each([
    ["a path that is none", "/api/rigs/%", 400, "badRequest"],
    ["a page that is none", "/%c0", 400, "badRequest"],
    ["a name too long for any", `/api/rigs/${"r".repeat(500)}`, 404, "notFound"],
    ["a name too long for a rig", `/api/rigs/${"r".repeat(50)}`, 400, "badRequest"],
    ["an endpoint that is none", "/api/none", 404, "notFound"],
    ["the live feed without WebSocket", "/live", 404, "notFound"],
  ])("has one shape for %s", async (_what, path, status, error) => {
    expect(await refusal(path)).toMatchObject({ status, error });
  });

  test("carries the headers of every answer even where the path is none", async () => {
    const { headers } = await fetch(`${server.url}/api/rigs/%`);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test.each([
    ["a foreign host", "GET /api/rigs/% HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 403],
    ["no host", "GET /api/fleet HTTP/1.1\r\nConnection: close\r\n\r\n", 403],
    ["no HTTP", "HELLO\r\n\r\n", 400],
    ["a header without end", `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(40_000)}\r\n\r\n`, 431],
    [
      "a foreign page that wants to listen",
      "GET /live HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      403,
    ],
  ])("has one shape for %s", async (_what, text, status) => {
    expect((await shout(text)).status).toBe(status);
  });
});
