import { fakeClock } from "@hashwatt/protocol/time";
import { describe, expect, it } from "vitest";
import { playedLinks } from "./fixtures/playedRig.js";
import { fixture, gone, onlyTcp, type Script, scriptedLink, UNKNOWN } from "./fixtures/scriptedLink.js";
import { askLater, readRig } from "./readRig.js";
import { newRigSession } from "./rigSession.js";

const S19 = fixture("antminer-s19pro.json");
const M50 = fixture("whatsminer-m50s.json");
const START = Date.UTC(2026, 0, 1);

/** A rig and the agent's session with it. */
function talk(script: Script, options: { joins?: boolean; key?: string } = {}) {
  const link = scriptedLink(script, options);
  const clock = fakeClock(START);
  const session = newRigSession("192.0.2.1", 4028);
  const read = async () => (await readRig(session, onlyTcp(link), clock)).reading;
  return { link, clock, session, read };
}

/** What was asked since the last call. */
const since = (link: { asked: string[] }) => link.asked.splice(0);

describe("questions", () => {
  it("an Antminer that joins costs one connection per reading, its pools once a minute, its version once an hour", async () => {
    const { link, clock, read } = talk(S19);
    await read();
    expect(since(link)).toEqual(["version", "stats", "summary+stats+pools"]);
    await clock.advance(5_000);
    await read();
    expect(since(link)).toEqual(["summary+stats"]);
    await clock.advance(55_000);
    await read();
    expect(since(link)).toEqual(["summary+stats+pools"]);
    await clock.advance(3_600_000);
    await read();
    expect(since(link)).toEqual(["summary+stats+pools+version"]);
  });

  it("an Antminer that cannot join is asked one by one, and that is remembered", async () => {
    const { link, clock, read } = talk(S19, { joins: false });
    const first = await read();
    expect(since(link)).toEqual(["version", "stats", "summary+stats+pools", "summary", "stats", "pools"]);
    await clock.advance(5_000);
    expect(await read()).toMatchObject({ status: "mining", boards: first.boards });
    expect(since(link)).toEqual(["summary", "stats"]);
  });

  it("a rig that answers only the first of joined commands is asked for the rest, and one by one from then on", async () => {
    const { link, clock, read } = talk(S19);
    link.wire = (reply, command) =>
      command.includes("+") ? { text: `{"summary":[${S19.summary}],"id":1}`, nul: true } : reply;
    expect((await read()).boards).toHaveLength(3);
    since(link);
    await clock.advance(5_000);
    await read();
    expect(since(link)).toEqual(["summary", "stats"]);
  });

  it("a Whatsminer is asked summary and devs each time, and everything else every n-th", async () => {
    const { link, clock, read } = talk(M50);
    await read();
    expect(since(link)).toEqual([
      "version",
      "summary",
      "summary+devs+pools",
      "status",
      "get_error_code",
      "get_version",
      "devdetails",
      "get_miner_info",
      "get_psu",
      "edevs",
    ]);
    await clock.advance(5_000);
    await read();
    expect(since(link)).toEqual(["summary+devs"]);
    await clock.advance(55_000);
    await read();
    expect(since(link)).toEqual(["summary+devs+pools", "status", "get_error_code"]);
  });

  it("a rig that takes two seconds over each answer is read at once, and its details come one by one between readings", async () => {
    const { link, clock, session, read } = talk(M50);
    link.wire = async (reply) => {
      await clock.advance(2_000);
      return reply;
    };
    expect(await read()).toMatchObject({ status: "mining" });
    expect(since(link)).toEqual(["version", "summary", "summary+devs+pools"]);
    const details: string[] = [];
    for (let i = 0; i < 7; i++) {
      await askLater(session, onlyTcp(link), clock);
      details.push(...since(link));
    }
    expect(details).toEqual([
      "status",
      "get_error_code",
      "get_version",
      "devdetails",
      "get_miner_info",
      "get_psu",
      "edevs",
    ]);
    expect(await read()).toMatchObject({ model: "Whatsminer M50S", hostname: expect.any(String) });
    expect(since(link)).toEqual(["summary+devs"]);
  });

  it("a rig that two answers name differently is identified once more, and not with every reading", async () => {
    const says = (section: string, row: object) =>
      JSON.stringify({ STATUS: [{ STATUS: "S", Description: "LUXminer 1" }], [section]: [row], id: 1 });
    const script = {
      version: says("VERSION", { LUXminer: "1", Type: "Antminer S19k Pro" }),
      summary: says("SUMMARY", { "GHS 5s": 120_000, "GHS av": 119_000, Elapsed: 1_000 }),
      config: says("CONFIG", { Model: "Antminer S19K Pro" }),
    };
    const { link, clock, read } = talk(script);
    for (let i = 0; i < 5; i++) {
      expect(await read()).toMatchObject({ dialect: "luxos", model: "Antminer S19K Pro" });
      await clock.advance(5_000);
    }
    expect(link.asked.filter((command) => command === "version")).toHaveLength(2);
    // Another rig at its address is noticed all the same.
    link.script.config = says("CONFIG", { Model: "Antminer S21" });
    await clock.advance(60_000);
    await read();
    await read();
    expect(link.asked.filter((command) => command === "version")).toHaveLength(3);
  });

  it("a build that knows only the other request key is asked with that one from then on", async () => {
    const { link, clock, session, read } = talk(M50, { key: "cmd" });
    expect((await read()).model).toBe("Whatsminer M50S");
    expect(session.key).toBe("cmd");
    since(link);
    await clock.advance(5_000);
    await read();
    expect(since(link)).toEqual(["summary+devs"]);
  });
});

describe("what changes rarely", () => {
  it("is carried over, but share counters of pools are told only when they were read", async () => {
    const { clock, read } = talk(S19);
    expect((await read()).pools?.[0]).toMatchObject({ active: true, accepted: 4100 });
    await clock.advance(5_000);
    const later = await read();
    expect(later.pools?.[0]).toEqual({
      url: "stratum+tcp://pool0.example.com:3333",
      user: "example.rig1",
      status: "Alive",
      active: true,
    });
    expect(later).toMatchObject({ model: "Antminer S19 Pro", apiVersion: "3.1", nominalThs: 110 });
  });

  it("a rig whose daemon restarted is identified anew", async () => {
    const { link, clock, read } = talk(S19);
    await read();
    await clock.advance(5_000);
    link.script.summary = S19.summary!.replace('"Elapsed":86420', '"Elapsed":12');
    link.script.version = S19.version!.replace("S19 Pro", "S19");
    link.script.stats = S19.stats!.replace("S19 Pro", "S19").replace('"Elapsed":86420', '"Elapsed":12');
    await read();
    since(link);
    await clock.advance(5_000);
    expect((await read()).model).toBe("Antminer S19");
    expect(since(link)[0]).toBe("version");
  });
});

describe("a rig that does not hash", () => {
  it("sleeps when its sections are empty while version answers, and that is no outage", async () => {
    const { read } = talk({
      ...S19,
      summary: S19.summary!.replace(/"SUMMARY":\[.*\],"id"/, '"SUMMARY":[],"id"'),
      stats: S19.stats!.replace(/"STATS":\[.*\],"id"/, '"STATS":[],"id"'),
    });
    expect(await read()).toMatchObject({
      status: "sleeping",
      model: "Antminer S19 Pro",
      powerSource: "model",
      powerW: 20,
    });
  });

  it("sleeps when status alone answers and says so", async () => {
    const { read } = talk({ status: M50.status!.replace('"mineroff":"false"', '"mineroff":"true"') });
    expect(await read()).toMatchObject({ status: "sleeping", dialect: "btminer-v2", make: "MicroBT" });
  });

  it("sleeps when a proxy refuses all else in plain words", async () => {
    const refusal = "Socket connect failed: Connection refused\n";
    const { read } = talk({
      version: refusal,
      summary: refusal,
      devs: refusal,
      "summary+devs+pools": refusal,
      "summary+devs": refusal,
      stats: refusal,
      devdetails: refusal,
      get_version: refusal,
      pools: refusal,
      status: M50.status!.replace('"mineroff":"false"', '"mineroff":"true"'),
    });
    expect(await read()).toMatchObject({ status: "sleeping", make: "MicroBT" });
  });

  it("that slept and then answers nothing at all is not asleep", async () => {
    const { link, clock, read } = talk({
      status: M50.status!.replace('"mineroff":"false"', '"mineroff":"true"'),
    });
    expect((await read()).status).toBe("sleeping");
    for (const code of ["timeout", "empty", "reset"] as const) {
      link.wire = () => {
        throw gone(code);
      };
      await clock.advance(5_000);
      await expect(read(), code).rejects.toMatchObject({ code });
    }
  });

  it("is asked at once whether it sleeps when its hashrate falls to zero", async () => {
    const { link, clock, read } = talk(M50);
    expect((await read()).status).toBe("mining");
    await clock.advance(5_000);
    since(link);
    link.script.summary = M50.summary!.replace(/"HS RT":[\d.]+/, '"HS RT":0.0');
    link.script.status = M50.status!.replace('"mineroff":"false"', '"mineroff":"true"');
    expect((await read()).status).toBe("sleeping");
    expect(since(link)).toEqual(["summary+devs", "status", "get_error_code"]);
  });
});

describe("a rig that was told to sleep", () => {
  const CONF = "GET /cgi-bin/get_miner_conf.cgi";
  /** An Antminer that hashes nothing, with its work mode in a file of the web interface. */
  function asleep() {
    const still = (reply: string) =>
      reply.replace(/"(GHS 5s|GHS av|rate_5s|chain_rate\d+)":"?[\d.]+"?/g, '"$1":0');
    const routes: Record<string, unknown> = { [CONF]: { "bitmain-work-mode": "1" } };
    const rig = {
      transport: "cgminer-tcp",
      responses: { ...S19, summary: still(S19.summary!), stats: still(S19.stats!) },
      http: { routes },
    };
    const clock = fakeClock(START);
    const session = newRigSession("192.0.2.1", 4028);
    const read = async () => (await readRig(session, playedLinks(rig), clock, true)).reading.status;
    return { routes, clock, read };
  }

  it("and is woken is not asleep for longer than a minute, also while it hashes nothing", async () => {
    const { routes, clock, read } = asleep();
    expect(await read()).toBe("sleeping");
    routes[CONF] = { "bitmain-work-mode": "0" };
    await clock.advance(60_000);
    expect(await read()).toBe("idle");
  });
});

describe("a rig that gives no reading", () => {
  it("fails with the link's own error when it is gone", async () => {
    const { link, read } = talk(S19);
    link.wire = () => Promise.reject(gone("refused"));
    await expect(read()).rejects.toMatchObject({ code: "refused" });
    expect(link.asked).toEqual(["version"]);
  });

  it("says that an Antminer of an algorithm that nobody knows is unsupported", async () => {
    const { read } = talk({
      version: S19.version!.replace("S19 Pro", "Q1"),
      summary: UNKNOWN,
      stats: UNKNOWN,
    });
    await expect(read()).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/Q1, whose algorithm is not known/),
    });
  });

  it("says in the rig's own words what it is when no dialect knows it", async () => {
    const { read } = talk({ version: UNKNOWN.replaceAll("cgminer 1.0.0", "hashthing 7") });
    await expect(read()).rejects.toMatchObject({ message: "unsupported firmware: hashthing 7" });
  });

  it("recognises an Antminer that is silent on version by its stats", async () => {
    const { read } = talk({ stats: S19.stats! });
    expect(await read()).toMatchObject({ model: "Antminer S19 Pro", hashrateThs: 109.51234 });
  });
});

describe("a firmware that keeps the words of the one that it replaced is read by its own dialect", () => {
  it.each([
    [
      "vnish",
      "VNish that names itself in version",
      { version: S19.version!.replace("S19 Pro", "S19 Pro (vnish 1.2.7)") },
    ],
    [
      "vnish",
      "VNish that is silent on version",
      { version: UNKNOWN, stats: S19.stats!.replace("S19 Pro", "S21 Pro (Vnish 1.2.7)") },
    ],
    ["vnish", "VNish that shows in stats alone", { stats: S19.stats!.replace("CST 2023", "vnish") }],
    ["hiveon", "Hiveon", { version: S19.version!.replace("S19 Pro", "S9 Hiveon") }],
    ["msk", "MSK", { version: S19.version!.replace('"BMMiner":"1.0.0"', '"BMMiner":"4.11.1 rwglr"') }],
    ["bitmain-stock", "nobody's but Bitmain's", {}],
  ])("%s: %s", async (dialect, _, change) => {
    const { read } = talk({ ...S19, ...change });
    expect(await read()).toMatchObject({ dialect, hashrateThs: 109.51234 });
  });
});
