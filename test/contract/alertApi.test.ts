import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AccessServer, PASSWORDS } from "./support/accessServer.js";

/** Where a channel leads, which nobody is told. */
const SECRET_URL = "https://hook.example/channel-s3cret-path";

describe("what people on duty do about alerts", () => {
  let at: AccessServer;
  const json = async (method: string, path: string, body?: unknown) => {
    const answer = await at.tell(method, `/api/alerts${path}`, body);
    return { status: answer.status, body: answer.body, json: JSON.parse(answer.body) };
  };

  beforeAll(async () => {
    at = await AccessServer.start();
  });
  afterAll(() => at.remove());

  test("a channel keeps its secrets to itself, in every answer, log line and record, and may not lead to what is private", async () => {
    const channel = await json("PUT", "/channels/out", {
      kind: "webhook",
      url: SECRET_URL,
      key: "channel-s3cret-key",
    });
    expect(channel.json).toMatchObject({ id: "out", secrets: ["url", "key"], origin: "state" });
    const kept = await json("PUT", "/channels/out", { kind: "webhook", name: "Out" });
    expect(kept.json).toMatchObject({ name: "Out", secrets: ["url", "key"] });
    const moved = await json("PUT", "/channels/out", { kind: "webhook", url: SECRET_URL });
    expect(moved.json.secrets).toEqual(["url"]);
    const wrong = await json("PUT", "/channels/bad", { kind: "slack", url: "ftp://channel-s3cret" });
    expect(wrong).toMatchObject({
      status: 400,
      body: expect.stringContaining("url: must be an http(s) URL"),
    });
    const local = { kind: "webhook", url: "http://127.0.0.1:9/channel-s3cret" };
    expect((await json("PUT", "/channels/local", local)).status).toBe(200);
    const tested = await json("POST", "/channels/local/test");
    expect(tested.json).toMatchObject({ delivered: false, reason: expect.stringContaining("private") });
    const told = [channel, kept, moved, wrong, tested, await json("GET", "/channels")];
    for (const path of ["/api/audit?limit=1000", "/api/health", "/api/events", "/api/openapi.json"])
      told.push({ ...(await at.tell("GET", path)), json: undefined });
    for (const { body } of told) expect(body).not.toContain("channel-s3cret");
    expect(at.logged.join("")).not.toContain("channel-s3cret");
    expect((await json("DELETE", "/channels/local")).status).toBe(200);
    expect((await json("DELETE", "/channels/out")).status).toBe(200);
  });

  test("routes hold by themselves until there is one, and name what is there", async () => {
    await json("PUT", "/channels/book", { kind: "log" });
    expect((await json("GET", "/routes")).json).toMatchObject([
      { id: "programs", builtIn: true, channels: ["book"] },
    ]);
    expect(await json("PUT", "/routes/duty", { channels: ["nobody"] })).toMatchObject({
      status: 400,
      json: { message: 'channels: there is no channel "nobody"; there are book' },
    });
    expect((await json("PUT", "/routes/chief", { escalationOnly: true })).status).toBe(200);
    const duty = {
      channels: ["book"],
      escalate: { afterMin: 5, to: "chief" },
      quiet: [{ from: "22:00", to: "06:00" }],
    };
    expect((await json("PUT", "/routes/duty", duty)).status).toBe(200);
    expect(await json("DELETE", "/routes/chief")).toMatchObject({
      status: 400,
      body: expect.stringContaining("duty escalates to chief"),
    });
    expect(await json("DELETE", "/channels/book")).toMatchObject({
      status: 400,
      json: { message: "route duty names channel book: change that one first" },
    });
    await at.restart();
    expect((await json("GET", "/routes")).json).toMatchObject([{ id: "chief" }, { id: "duty", ...duty }]);
    for (const id of ["duty", "chief"]) expect((await json("DELETE", `/routes/${id}`)).status).toBe(200);
    expect((await json("GET", "/channels")).json).toMatchObject([
      { id: "book", kind: "log", origin: "state" },
    ]);
  });

  test("a silence is listed, seen by viewers, ended by operators, and must say of what", async () => {
    const untilMs = Date.now() + 3_600_000;
    expect(await json("POST", "/silence", { match: {}, untilMs })).toMatchObject({
      status: 400,
      body: expect.stringContaining("names nothing"),
    });
    expect((await json("POST", "/silence", { match: { sites: ["farm"] }, untilMs: 1 })).status).toBe(400);
    const made = await json("POST", "/silence", { match: { sites: ["farm"] }, untilMs, note: "cable work" });
    expect(made).toMatchObject({ status: 201, json: { by: "the-admin", note: "cable work", untilMs } });
    const viewer = await at.sessionOf("the-viewer", PASSWORDS.viewer);
    const listed = await at.ask("GET", "/api/alerts/silences", viewer);
    expect(JSON.parse(listed.body)).toMatchObject([{ id: made.json.id }]);
    expect((await at.ask("DELETE", `/api/alerts/silences/${made.json.id}`, viewer)).status).toBe(403);
    expect((await json("DELETE", `/silences/${made.json.id}`)).status).toBe(200);
    expect((await json("GET", "/silences")).json).toEqual([]);
    expect((await json("POST", "/none/ack", {})).status).toBe(404);
  });

  test("a silence or a route names rules that there are, those of the operator's own too, and holds on when one is removed", async () => {
    const untilMs = Date.now() + 3_600_000;
    const own = { name: "hot rack", when: "chipTempC > 85" };
    const setting = async (method: string, body?: unknown) =>
      (await at.tell(method, "/api/settings/alert-rules/hot-rack", body)).status;
    expect(await setting("PUT", own)).toBe(200);
    for (const [match, message] of [
      [{ rules: ["offlin"] }, 'match.rules: there is no rule "offlin"; did you mean offline?'],
      [{ rules: ["offline", "hot-rak"] }, 'match.rules: there is no rule "hot-rak"; did you mean hot-rack?'],
      [{ rules: ["hasrateL*"] }, 'match.rules: there is no rule "hasrateL*"; did you mean hashrateLow?'],
      [{ sites: ["fram"] }, 'match.sites: there is no site "fram"; did you mean farm?'],
      [{ kinds: ["rigs"] }, 'match.kinds: there is no kind "rigs"; did you mean rig?'],
    ] as const) {
      expect(await json("POST", "/silence", { match, untilMs })).toMatchObject({
        status: 400,
        json: { message },
      });
      expect(await json("PUT", "/routes/duty", { match })).toMatchObject({ status: 400, json: { message } });
    }
    const match = { rules: ["hot-rack", "hashrate*"], sites: ["farm"], kinds: ["rig"] };
    const made = await json("POST", "/silence", { match, untilMs });
    expect(made.status).toBe(201);
    expect((await json("PUT", "/routes/duty", { match })).status).toBe(200);
    expect(await setting("DELETE")).toBe(200);
    await at.restart();
    expect((await json("GET", "/silences")).json).toMatchObject([{ id: made.json.id, match }]);
    expect((await json("GET", "/routes")).json).toMatchObject([{ id: "duty", match }]);
    const said = at.logged
      .filter((line) => line.includes("names what is gone"))
      .map((line) => JSON.parse(line));
    expect(said).toMatchObject([
      { route: "duty", problem: expect.stringContaining('no rule "hot-rack"') },
      { silence: made.json.id, problem: expect.stringContaining('no rule "hot-rack"') },
    ]);
    expect((await json("DELETE", `/silences/${made.json.id}`)).status).toBe(200);
    expect((await json("DELETE", "/routes/duty")).status).toBe(200);
  });
});
