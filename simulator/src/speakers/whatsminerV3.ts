import { coolingOf, type WhatsminerBuild } from "../models.js";
import { hottestChipC } from "../rigState.js";
import { oneDecimal } from "./reply.js";
import type { Speaker, SpokenRig, TcpSpeaker } from "./speaker.js";
import { secretOf } from "./webLogin.js";
import { whatsminer } from "./whatsminer.js";
import { faultCodes } from "./whatsminerFaults.js";
import { chipTemps, presentBoards } from "./whatsminerRows.js";
import { whatsminerWeb } from "./whatsminerWeb.js";

/** API 3 prints rates in TH/s. */
const ths = (hashrateThs: number): number => Math.round(hashrateThs * 1000) / 1000;

function deviceInfo(rig: SpokenRig, build: WhatsminerBuild) {
  const { identity, state, address } = rig;
  const { model } = identity;
  const faults = faultCodes(rig);
  return {
    network: {
      ip: address,
      proto: "dhcp",
      netmask: "255.0.0.0",
      dns: "127.0.0.1",
      mac: identity.mac,
      gateway: "127.0.0.1",
      hostname: identity.hostname,
    },
    miner: {
      working: String(state.phase !== "sleeping"),
      type: build.subModel,
      "hash-board": build.subModel.replace(/^.*V/, ""),
      "detect-hash-rate": model.boardCount === 0 ? "" : boardRates(rig).join(":"),
      "miner-sn": identity.serial,
      "board-num": String(model.boardCount),
      "pool-strategy": "FAILOVER",
      "fast-boot": "disable",
      "hash-percent": "0",
      ...Object.fromEntries(identity.boardSerials.map((serial, slot) => [`pcbsn${slot}`, serial])),
    },
    system: {
      api: build.apiVersion.startsWith("3") ? build.apiVersion : "3.0.2",
      apiswitch: "1",
      platform: build.platform,
      fwversion: build.firmwareVersion,
      "control-board-version": "CB6V10",
      ledstatus: "auto",
    },
    power: {
      type: build.psuModel,
      mode: "1",
      hwversion: "",
      swversion: "230224.220429",
      model: build.psuModel,
      sn: identity.psuSerial,
      vendor: "1",
      // Told by rigs in water or oil alone.
      ...(coolingOf(model) !== "air" && { "liquid-temperature": oneDecimal(state.inletTempC) }),
      fanspeed: state.phase === "sleeping" ? 0 : 6344,
    },
    salt: secretOf(rig, "salt").slice(0, 8),
    ...(faults.length > 0 && {
      "error-code": faults.map(({ code, since }) => ({ [code]: since, reason: `error ${code}` })),
    }),
  };
}

const boardRates = ({ identity: { model } }: SpokenRig): number[] =>
  Array.from({ length: model.boardCount }, () => Math.round((model.hashrateThs * 1000) / model.boardCount));

function summary(rig: SpokenRig, build: WhatsminerBuild) {
  const { identity, state } = rig;
  const { windows } = state;
  const elapsedS = Math.max(1, Math.floor(state.elapsedMs / 1000));
  const present = presentBoards(state);
  const chips = present.map(chipTemps);
  const hashedTh = present.reduce((sum, board) => sum + board.hashedTh, 0);
  return {
    elapsed: Math.floor(state.elapsedMs / 1000),
    "bootup-time": Math.floor((state.uptimeMs - state.elapsedMs) / 1000),
    "freq-avg": state.phase === "mining" ? identity.model.frequencyMhz : 0,
    "target-freq": identity.model.frequencyMhz,
    "factory-hash": ths(identity.model.hashrateThs),
    "hash-average": ths(hashedTh / elapsedS),
    "hash-1min": ths(windows.oneMinuteThs),
    "hash-15min": ths(windows.fifteenMinutesThs),
    "hash-realtime": ths(state.hashrateThs),
    "power-rate": state.hashrateThs > 0 ? oneDecimal(state.powerW / state.hashrateThs) : 0,
    "power-5min": oneDecimal(state.powerW),
    "power-realtime": oneDecimal(state.powerW),
    "power-limit": build.powerLimitW,
    "environment-temperature": oneDecimal(state.inletTempC),
    "board-temperature": present.map((board) => oneDecimal(board.boardTempC)),
    "chip-temp-min": Math.min(...chips.map(({ min }) => min)),
    "chip-temp-avg": oneDecimal(chips.reduce((sum, { mean }) => sum + mean, 0) / chips.length),
    "chip-temp-max": oneDecimal(hottestChipC(state)),
    "fan-speed-in": state.fansRpm[0] ?? 0,
    "fan-speed-out": state.fansRpm[1] ?? 0,
    "up-freq-finish": state.load === 1 ? 1 : 0,
  };
}

function edevs({ identity, state }: SpokenRig) {
  const elapsedS = Math.max(1, Math.floor(state.elapsedMs / 1000));
  return presentBoards(state).map((board) => {
    const chips = chipTemps(board);
    return {
      id: board.slot,
      slot: board.slot,
      status: "alive",
      "hash-realtime": ths(board.hashrateThs),
      "hash-average": ths(board.hashedTh / elapsedS),
      "factory-hash": ths(identity.model.hashrateThs / identity.model.boardCount),
      freq: state.phase === "mining" ? identity.model.frequencyMhz : 0,
      "effective-chips": board.chips,
      "chip-temp-min": chips.min,
      "chip-temp-avg": chips.mean,
      "chip-temp-max": chips.max,
    };
  });
}

const pools = ({ state }: SpokenRig) =>
  state.pools.map(({ url, user, alive, active }, i) => ({
    "pool-priority": i,
    url,
    status: alive ? "alive" : "dead",
    account: user,
    "stratum-active": active && state.phase === "mining",
  }));

/** `get.miner.status` takes one part or several, joined by `+`; a daemon that is off has none of them. */
function minerStatus(rig: SpokenRig, build: WhatsminerBuild, param: unknown): object | undefined {
  if (rig.state.phase === "sleeping") return undefined;
  const parts: Record<string, () => unknown> = {
    summary: () => summary(rig, build),
    edevs: () => edevs(rig),
    pools: () => pools(rig),
  };
  const wanted = typeof param === "string" ? param.split("+") : [];
  if (wanted.length === 0 || wanted.some((part) => parts[part] === undefined)) return undefined;
  return Object.fromEntries(wanted.map((part) => [part, parts[part]?.()]));
}

function message(rig: SpokenRig, cmd: string, param: unknown): unknown {
  const build = rig.identity.model.build as WhatsminerBuild;
  switch (cmd) {
    case "get.device.info": {
      const info: Record<string, unknown> = deviceInfo(rig, build);
      return typeof param === "string" && param in info ? { [param]: info[param] } : info;
    }
    case "get.miner.status":
      return minerStatus(rig, build, param);
    default:
      return undefined;
  }
}

/** MicroBT's API 3 on port 4433; shapes from captures of M60S (3.0.2). Its API 2 on port 4028 is switched off. */
export const whatsminerV3: Speaker = {
  framed(rig, request) {
    const when = Math.floor(rig.nowMs / 1000);
    let asked: { cmd?: unknown; param?: unknown };
    try {
      asked = JSON.parse(request) as typeof asked;
    } catch {
      return { command: "", text: JSON.stringify({ code: -1, when, msg: "invalid json", desc: "" }) };
    }
    const cmd = typeof asked?.cmd === "string" ? asked.cmd : "";
    const msg = message(rig, cmd, asked?.param);
    const text =
      msg === undefined
        ? { code: -1, when, msg: "invalid command", desc: cmd }
        : { code: 0, when, msg, desc: cmd };
    return { command: cmd, text: JSON.stringify(text) };
  },
  web: whatsminerWeb,
};

/** The same firmware with its API 2 switched on as well. */
export const whatsminerBoth: TcpSpeaker = { ...whatsminerV3, answer: whatsminer.answer };
