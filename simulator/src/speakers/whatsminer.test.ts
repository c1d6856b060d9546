import { describe, expect, test } from "vitest";
import type { Incident } from "../incidents.js";
import { LiveRig } from "../liveRig.js";
import { hottestChipC } from "../rigState.js";
import { buildSite } from "../site.js";
import { SPEAKERS } from "./registry.js";

const START_MS = Date.UTC(2026, 0, 15, 9);
const NONE = { "failing-fan": 0, offline: 0, sleeping: 0, "missing-board": 0, slow: 0 };
const MODELS = ["Whatsminer M30S++", "Whatsminer M50S", "Whatsminer M60S"];

function rigOf(model: string, incident?: Incident, afterMs = 30_000) {
  for (let seed = 0; seed < 200; seed++) {
    const { rigs } = buildSite(String(seed), 12, incident && { ...NONE, [incident]: 1 });
    const identity = rigs.find((rig) => rig.model.model === model && rig.incident === incident);
    if (identity === undefined) continue;
    const nowMs = START_MS + afterMs;
    const state = new LiveRig(identity, String(seed), START_MS).stateAt(nowMs);
    const tell = (request: string) =>
      SPEAKERS.whatsminer
        .answer({ identity, state, address: "127.10.0.9", nowMs }, Buffer.from(request))
        .bytes.toString("latin1");
    return { identity, state, tell };
  }
  throw new Error(`no ${model} with ${incident}`);
}

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into at will
function json(reply: string): any {
  return JSON.parse(reply.split("\0", 1)[0] as string);
}

const ask = (cmd: string) => JSON.stringify({ cmd });

describe.each(MODELS)("%s", (model) => {
  const { identity, state, tell } = rigOf(model);
  const summary = () => json(tell(ask("summary"))).SUMMARY[0];

  test("says what the physics say: MH/s under HS RT, GH/s under Factory GHS, watts at the wall", () => {
    expect(summary()["HS RT"] / 1e6).toBeCloseTo(state.hashrateThs, 6);
    expect(summary()["Factory GHS"]).toBe(identity.model.hashrateThs * 1000);
    expect(summary().Power).toBe(Math.round(state.powerW));
    expect(summary()["Chip Temp Max"]).toBeCloseTo(hottestChipC(state), 0);
    expect(summary()["Env Temp"]).toBeCloseTo(state.inletTempC, 0);
    expect(summary()["Fan Speed In"]).toBe(state.fansRpm[0]);
    expect(summary().MAC).toBe(identity.mac);
    expect(summary().Elapsed).toBe(Math.floor(state.elapsedMs / 1000));
  });

  test.each(["devs", "edevs"])("has boards in %s that add up to the whole", (command) => {
    const reply = json(tell(ask(command)));
    // biome-ignore lint/suspicious/noExplicitAny: replies are looked into at will
    const total = (key: string) => reply.DEVS.reduce((sum: number, dev: any) => sum + dev[key], 0);
    expect(reply.DEVS).toHaveLength(3);
    expect(Math.abs(total("HS RT") - summary()["HS RT"])).toBeLessThan(0.01);
    expect(Math.abs(total("MHS av") - summary()["MHS av"])).toBeLessThan(0.05);
    expect(total("Factory GHS")).toBeCloseTo(summary()["Factory GHS"], -1);
  });

  test.each(["get_version", "get_psu", "get_miner_info", "get_error_code", "status"])(
    "answers %s with code 131 and STATUS as a bare letter",
    (command) => {
      expect(json(tell(ask(command)))).toMatchObject({ STATUS: "S", Code: 131, Description: "" });
    },
  );

  test("is recognisable: sub-model, api version, mac", () => {
    expect(json(tell(ask("devdetails"))).DEVDETAILS[0]).toMatchObject({
      Driver: "bitmicro",
      Model: expect.stringMatching(/^M\d/),
    });
    expect(json(tell(ask("get_version"))).Msg.api_ver).toMatch(/^2\.0\./);
    expect(json(tell(ask("get_miner_info"))).Msg).toMatchObject({
      mac: identity.mac,
      hostname: identity.hostname,
    });
  });

  test("joins the daemon's commands, but none of the box's", () => {
    const reply = json(tell(ask("summary+devs+pools+status")));
    expect(reply.summary[0].SUMMARY).toHaveLength(1);
    expect(reply.pools[0].POOLS).toHaveLength(3);
    expect(reply.status[0].STATUS[0].Code).toBe(45);
  });

  test("refuses an unknown word, broken JSON and a missing command", () => {
    expect(json(tell(ask("power_off")))).toMatchObject({ STATUS: "E", Code: 14 });
    expect(json(tell('{"cmd":'))).toMatchObject({ STATUS: "E", Code: 23 });
    expect(json(tell("{}"))).toMatchObject({ STATUS: "E", Code: 24 });
    expect(json(tell(`{"cmd":"summary"${" ".repeat(5000)}}`)).Code).toBe(23);
  });

  test("speaks text to what is not JSON", () => {
    expect(tell("summary")).toMatch(/^STATUS=S,When=\d+,Code=11,.*\|SUMMARY,Elapsed=\d+,MHS av=/);
    expect(tell("devs")).toMatch(/\|ASC=0,.*\|ASC=1,.*\|ASC=2,/);
  });

  test("has nothing to complain of", () => {
    expect(json(tell(ask("get_error_code"))).Msg.error_code).toEqual([]);
    expect(json(tell(ask("status"))).Msg.mineroff).toBe("false");
  });
});

test("the M60S knows only cmd, the others command as well", () => {
  const asked = (model: string) => json(rigOf(model).tell('{"command":"summary"}'));
  expect(asked("Whatsminer M60S")).toMatchObject({ STATUS: "E", Code: 24 });
  expect(asked("Whatsminer M50S").SUMMARY).toHaveLength(1);
  expect(asked("Whatsminer M30S++").SUMMARY).toHaveLength(1);
});

test("version exists on one build only", () => {
  const asked = (model: string) => json(rigOf(model).tell(ask("version")));
  expect(asked("Whatsminer M30S++").VERSION).toHaveLength(1);
  expect(asked("Whatsminer M50S").Code).toBe(14);
});

test("a sleeping Whatsminer answers status alone, and the rest is the proxy's error text", () => {
  const { tell } = rigOf("Whatsminer M50S", "sleeping");
  expect(json(tell(ask("status"))).Msg.mineroff).toBe("true");
  expect(tell(ask("summary"))).toBe("Socket connect failed: Connection refused\n");
  expect(tell(ask("get_version"))).toBe("Socket connect failed: Connection refused\n");
});

test("a sleeping build that knows only cmd still says that command is missing", () => {
  expect(json(rigOf("Whatsminer M60S", "sleeping").tell('{"command":"status"}')).Code).toBe(24);
});

test("a missing board is left out of devs and named in the error codes", () => {
  const { identity, tell } = rigOf("Whatsminer M50S", "missing-board");
  expect(json(tell(ask("devs"))).DEVS).toHaveLength(2);
  const codes = json(tell(ask("get_error_code"))).Msg.error_code.flatMap(Object.keys);
  expect(codes).toEqual([`53${identity.missingSlot}`]);
});

test("a failing fan is named in the error codes, in summary too", () => {
  const { identity, tell } = rigOf("Whatsminer M50S", "failing-fan", 40_000);
  const code = `13${identity.failingFan}`;
  expect(json(tell(ask("get_error_code"))).Msg.error_code.flatMap(Object.keys)).toContain(code);
  expect(json(tell(ask("summary"))).SUMMARY[0]["Error Code 0"]).toBe(Number(code));
});
