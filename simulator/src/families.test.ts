import { expect, test } from "vitest";
import { FAMILIES, FAMILY_NAMES, stockOf } from "./families.js";
import { LiveRig } from "./liveRig.js";
import { buildSite } from "./site.js";
import { SPEAKERS } from "./speakers/registry.js";
import type { Speaker, SpokenRig } from "./speakers/speaker.js";

const NOW_MS = Date.UTC(2026, 0, 15, 9);

/** The rig of a model that bears this firmware, half a minute after it was switched on. */
function spoken(family: string): { rig: SpokenRig; speaker: Speaker } {
  const stock = stockOf(["all"]).filter(({ build }) => build.family === family);
  const [identity] = buildSite("f", 1, undefined, stock).rigs;
  if (identity === undefined) throw new Error(`no model of ${family}`);
  const state = new LiveRig(identity, "f", NOW_MS).stateAt(NOW_MS + 30_000);
  return {
    rig: { identity, state, address: "127.10.0.1", nowMs: NOW_MS + 30_000 },
    speaker: SPEAKERS[identity.model.build.family],
  };
}

const say = (family: string, request: string): string => {
  const { rig, speaker } = spoken(family);
  return speaker.answer?.(rig, Buffer.from(request)).bytes.toString("utf8") ?? "";
};

test("every speaker has a model, and every family a speaker", () => {
  const spokenFor = new Set(stockOf(["all"]).map(({ build }) => build.family));
  expect([...spokenFor].sort()).toEqual(Object.keys(SPEAKERS).sort());
  expect(Object.values(FAMILIES).every((models) => models.length > 0)).toBe(true);
});

test("a family that there is not is named with the nearest one", () => {
  expect(() => stockOf(["avalom"])).toThrow(/called "avalom": did you mean "avalon"\?.*vnish/);
  expect(FAMILY_NAMES).toContain("all");
});

/** What a rig of this model says over the cgminer API, and its state. */
function said(family: string, name: string, command: string) {
  const stock = stockOf([family]).filter(({ model }) => model === name);
  const [identity] = buildSite("f", 1, undefined, stock).rigs;
  const state = new LiveRig(identity!, "f", NOW_MS).stateAt(NOW_MS + 30_000);
  const rig = { identity: identity!, state, address: "127.10.0.1", nowMs: NOW_MS };
  const { answer, web, framed } = SPEAKERS[identity!.model.build.family] as Speaker;
  const text = answer?.(rig, Buffer.from(JSON.stringify({ command, cmd: command }))).bytes.toString("latin1");
  return {
    rig,
    state,
    web,
    framed,
    reply: text === undefined ? undefined : JSON.parse(text.split("\0", 1)[0]!),
  };
}

test("an Antminer in water lists four fans that stand, and its coolant where its build does", () => {
  const { reply, state } = said("antminer-hydro", "Antminer S21 Hyd.", "stats");
  const [, stats] = reply.STATS;
  expect(stats).toMatchObject({ fan_num: 4, fan1: 0, fan2: 0, fan3: 0, fan4: 0 });
  expect(stats.fan5).toBeUndefined();
  const [comesInC, goesOutC] = [Math.round(state.inletTempC), Math.round(state.outletTempC)];
  expect(goesOutC).toBeGreaterThan(comesInC);
  expect(stats.temp_chip1).toBe(`${comesInC}-${goesOutC}-0-0`);
  const plus = said("antminer-hydro", "Antminer S21+ Hyd.", "stats");
  const [, lists] = plus.reply.STATS;
  expect(lists.temp_pcb1).toMatch(new RegExp(`^${Math.round(plus.state.inletTempC)}-\\d+-\\d+-\\d+$`));
  expect(lists.temp_chip1).toBe("0-0-0-0");
  expect(Number(lists.temp_pic1.split("-")[0])).toBe(Math.round(plus.state.boards[0]!.chipTempC));
});

test("a WhatsMiner says whether a liquid cools it, and in API 3 how warm that is", () => {
  const oil = said("whatsminer-immersion", "Whatsminer M66S", "summary").reply.SUMMARY[0];
  expect(oil).toMatchObject({ "Liquid Cooling": true, "Fan Speed In": 0, "Fan Speed Out": 0 });
  const air = said("whatsminer", "Whatsminer M50S", "summary").reply.SUMMARY[0];
  expect(air["Liquid Cooling"]).toBe(false);
  const power = (family: string, model: string) => {
    const { framed, rig, state } = said(family, model, "");
    const { text } = framed!(rig, '{"cmd":"get.device.info","param":"power"}');
    return { inletTempC: state.inletTempC, ...JSON.parse(text).msg.power };
  };
  const water = power("whatsminer-hydro", "Whatsminer M63S++");
  expect(water["liquid-temperature"]).toBeCloseTo(water.inletTempC, 0);
  expect(power("whatsminer-v3", "Whatsminer M60S")["liquid-temperature"]).toBeUndefined();
});

test("a DragonMint ends its replies without the NUL that ends all others", () => {
  expect(say("dragonmint", '{"command":"summary"}').endsWith("\0")).toBe(false);
  for (const family of ["avalon", "luxos", "vnish", "bosminer", "ccminer"])
    expect(say(family, '{"command":"summary"}').endsWith("}\0")).toBe(true);
});

test("a Hammer has four temperatures of a board under one key, and an L3+ no comma between its objects", () => {
  expect(say("ccminer", '{"command":"stats"}').match(/"temp1":/g)).toHaveLength(4);
  const l3 = stockOf(["bitmain-others"]).find(({ model }) => model === "Antminer L3+");
  const [identity] = buildSite("f", 1, undefined, l3 ? [l3] : []).rigs;
  const state = new LiveRig(identity!, "f", NOW_MS).stateAt(NOW_MS);
  const rig = { identity: identity!, state, address: "127.10.0.1", nowMs: NOW_MS };
  const stats = SPEAKERS.antminer.answer(rig, Buffer.from('{"command":"stats"}')).bytes.toString("latin1");
  expect(stats).toContain('}{"STATS":0');
});

test("a build of before JSON takes JSON for a word of the text form", () => {
  expect(say("cgminer-text", '{"command":"summary"}')).toMatch(/^STATUS=E,When=\d+,Code=14,/);
  expect(say("cgminer-text", "devs")).toMatch(/\|GPU=0,Enabled=Y,.*\|GPU=1,/);
});

test("joined requests are answered where the firmware joins, each command in a section of its own", () => {
  const reply = JSON.parse(say("luxos", '{"command":"summary+power+nonsense"}').split("\0", 1)[0] as string);
  expect(reply.power[0].POWER[0].Watts).toBeGreaterThan(2000);
  expect(reply.nonsense[0].STATUS[0].Code).toBe(14);
});

test("an unknown field costs the whole GraphQL answer, and a login is asked for where the firmware asks", () => {
  const { rig, speaker } = spoken("braiins-graphql");
  const post = (query: string) =>
    speaker.web?.answer(rig, {
      method: "POST",
      path: "/graphql",
      query: new URLSearchParams(),
      headers: {},
      body: JSON.stringify({ query }),
    })?.body;
  expect(post("{ bos { hostname } }")).toEqual({ data: { bos: { hostname: rig.identity.hostname } } });
  expect(post("{ bos { hostname nonsense } }")).toMatchObject({ data: null, errors: [{}] });
  const get = (family: string, path: string) => {
    const other = spoken(family);
    const request = { method: "GET", path, query: new URLSearchParams(), headers: {}, body: "" };
    return other.speaker.web?.answer(other.rig, request);
  };
  expect(get("antminer", "/cgi-bin/stats.cgi")).toMatchObject({ status: 401 });
  expect(get("elphapex", "/")?.headers?.["www-authenticate"]).toMatch(/realm="Daoge/);
  expect(get("braiins-rest", "/api/v1/miner/stats")).toMatchObject({ status: 401 });
  expect(get("braiins-rest", "/api/v1/version")?.body).toMatchObject({ major: 1 });
});
