import { describe, expect, test } from "vitest";
import type { Incident } from "../incidents.js";
import { LiveRig } from "../liveRig.js";
import { buildSite } from "../site.js";
import { SPEAKERS } from "./registry.js";

const NOW_MS = Date.UTC(2026, 0, 15, 9);
const NONE = { "failing-fan": 0, offline: 0, sleeping: 0, "missing-board": 0, slow: 0 };
const MODELS = ["S17 Pro", "S19 Pro", "S19j Pro", "S19 XP", "S21", "T21"].map((model) => `Antminer ${model}`);

/** Says something to a rig of this model and returns the raw reply. */
function teller(model: string, incident?: Incident): (request: string | Buffer) => string {
  const seeds = Array.from({ length: 200 }, (_, i) => String(i));
  for (const seed of seeds) {
    const { rigs } = buildSite(seed, 12, incident && { ...NONE, [incident]: 1 });
    const identity = rigs.find((rig) => rig.model.model === model && rig.incident === incident);
    if (identity === undefined) continue;
    const state = new LiveRig(identity, seed, NOW_MS).stateAt(NOW_MS + 30_000);
    const rig = { identity, state, address: "127.10.0.1", nowMs: NOW_MS + 30_000 };
    return (request) => SPEAKERS.antminer.answer(rig, Buffer.from(request)).bytes.toString("latin1");
  }
  throw new Error(`no ${model} with ${incident}`);
}

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into at will
function json(reply: string): any {
  return JSON.parse(reply.split("\0", 1)[0] as string);
}

const ask = (command: string) => JSON.stringify({ command });

describe.each(MODELS)("%s", (model) => {
  const tell = teller(model);

  test.each(["version", "summary", "stats", "devs", "pools"])(
    "answers %s with a list and STATUS in a list",
    (command) => {
      const reply = json(tell(ask(command)));
      expect(reply.STATUS).toHaveLength(1);
      expect(reply.STATUS[0].STATUS).toBe("S");
      expect(reply.id).toBe(1);
      expect(reply[command.toUpperCase()].length).toBeGreaterThan(0);
    },
  );

  test("says its type in version and stats", () => {
    expect(json(tell(ask("version"))).VERSION[0].Type).toBe(model);
    expect(json(tell(ask("stats"))).STATS[0].Type).toBe(model);
  });

  test("has chain rates that add up to the whole to the last digit, in GH/s", () => {
    const stats = json(tell(ask("stats"))).STATS[1];
    const sum = [1, 2, 3].reduce((total, slot) => total + Number(stats[`chain_rate${slot}`]), 0);
    expect(Math.abs(sum - Number(stats["GHS 5s"]))).toBeLessThan(0.005);
    expect(Number(json(tell(ask("summary"))).SUMMARY[0]["GHS 5s"])).toBe(Number(stats["GHS 5s"]));
    expect(sum / stats.total_rateideal).toBeCloseTo(1, 1);
  });

  test("reports no power in any reply", () => {
    for (const command of ["version", "summary", "stats", "devs", "pools"])
      expect(tell(ask(command))).not.toMatch(/power|watt/i);
  });

  test("counts shares alike in summary, devs and the active pool", () => {
    const accepted = json(tell(ask("summary"))).SUMMARY[0].Accepted;
    expect(json(tell(ask("devs"))).DEVS[0].Accepted).toBe(accepted);
    expect(json(tell(ask("pools"))).POOLS[0].Accepted).toBe(accepted);
  });

  test("refuses with E 45 what stock firmware lets nobody read, and with E 14 what it has never heard of", () => {
    expect(json(tell(ask("devdetails"))).STATUS[0]).toMatchObject({ STATUS: "E", Code: 45 });
    expect(json(tell(ask("config"))).STATUS[0].Code).toBe(45);
    const unknown = json(tell(ask("get_version"))).STATUS[0];
    expect(unknown).toMatchObject({ STATUS: "E", Code: 14, Msg: "Invalid command" });
    expect(unknown).not.toHaveProperty("Description");
  });

  test("says E 24 without a command and E 23 to what is no JSON or too long", () => {
    expect(json(tell("{}")).STATUS[0].Code).toBe(24);
    expect(json(tell('{"cmd":"summary"}')).STATUS[0].Code).toBe(24);
    expect(json(tell('{"command":7}')).STATUS[0].Code).toBe(24);
    expect(json(tell('{"command":"summ')).STATUS[0].Code).toBe(23);
    expect(json(tell(`${ask("summary")}${" ".repeat(4096)}`)).STATUS[0].Code).toBe(23);
  });

  test("takes anything that does not begin with a brace for text, and trims nothing", () => {
    expect(tell("summary")).toMatch(/^STATUS=S,When=\d+,Code=11,Msg=Summary,.*\|SUMMARY,Elapsed=\d+,GHS 5s=/);
    expect(tell("summary\n")).toMatch(/^STATUS=E,When=\d+,Code=14,Msg=Invalid command\|/);
    expect(tell(` ${ask("summary")}`)).toMatch(/^STATUS=E,.*Code=14/);
    expect(tell("")).toMatch(/^STATUS=E,.*Code=14/);
  });

  test("speaks text in every report", () => {
    expect(tell("version")).toMatch(/\|VERSION,BMMiner=/);
    expect(tell("stats")).toMatch(/\|BMMiner=[^|]*\|STATS=0,ID=BTM_SOC0,/);
    expect(tell("pools")).toMatch(/\|POOL=0,URL=.*\|POOL=1,.*\|POOL=2,/);
    expect(tell("devs")).toMatch(/\|ASC=0,Name=BTM_SOC,/);
  });
});

test.each(["Antminer S19 Pro", "Antminer S19j Pro", "Antminer S19 XP"])(
  "%s calls a joined request an invalid command",
  (model) => {
    expect(json(teller(model)(ask("summary+stats"))).STATUS[0]).toMatchObject({ STATUS: "E", Code: 14 });
  },
);

test.each(["Antminer S17 Pro", "Antminer S21", "Antminer T21"])(
  "%s answers a joined request, each command once and errors in their section",
  (model) => {
    const tell = teller(model);
    const reply = json(tell(ask("summary+stats++summary+config+nonsense")));
    expect(Object.keys(reply)).toEqual(["summary", "stats", "config", "nonsense", "id"]);
    expect(reply.summary[0].SUMMARY).toHaveLength(1);
    expect(reply.stats[0].STATS).toHaveLength(2);
    expect(reply.config[0].STATUS[0].Code).toBe(45);
    expect(reply.nonsense[0].STATUS[0].Code).toBe(14);
    expect(tell("summary+pools")).toMatch(/^CMD=summary\|STATUS=S.*\|CMD=pools\|STATUS=S/);
  },
);

test("every model ends its reply with NUL but the S17 Pro", () => {
  for (const model of MODELS) {
    expect(teller(model)(ask("summary")).endsWith("\0")).toBe(model !== "Antminer S17 Pro");
  }
});

test("an error before the command is known comes twice, with a NUL between", () => {
  const parts = teller("Antminer S19 Pro")('{"x').split("\0");
  expect(parts).toHaveLength(3);
  expect(parts[1]).toBe(`${parts[0]},`);
});

test("a sleeping Antminer has empty lists and still says its version", () => {
  const tell = teller("Antminer S19 Pro", "sleeping");
  expect(json(tell(ask("version"))).VERSION[0].Type).toBe("Antminer S19 Pro");
  for (const command of ["summary", "stats", "devs", "pools"]) {
    expect(json(tell(ask(command)))[command.toUpperCase()]).toEqual([]);
  }
});

test("a missing board has no chips, an empty rate and zeros for sensors", () => {
  const stats = json(teller("Antminer S19 Pro", "missing-board")(ask("stats"))).STATS[1];
  const slot = [1, 2, 3].find((number) => stats[`chain_acn${number}`] === 0);
  expect(slot).toBeDefined();
  expect(stats[`chain_rate${slot}`]).toBe("");
  expect(stats[`temp_chip${slot}`]).toBe("0-0-0-0");
  expect(stats).not.toHaveProperty(`temp${slot}`);
  expect(stats.total_acn).toBe(228);
});

test("only the S21 generation has rates in devs, in GH/s under a key that says MHS", () => {
  expect(json(teller("Antminer S21")(ask("devs"))).DEVS[0]["MHS av"]).toBeGreaterThan(190_000);
  expect(json(teller("Antminer S19 Pro")(ask("devs"))).DEVS[0]["MHS av"]).toBe(0);
});
