import type { AntminerBuild } from "../models.js";
import { averageRate, listedFans, listedSensors, nominalMhz, totalRate, unitOf } from "./antminerStats.js";
import { twoDecimals } from "./reply.js";
import type { SpokenRig, WebReply, WebRequest, WebSpeaker } from "./speaker.js";
import { digestRefusal } from "./webLogin.js";

/** As the maker delivers it. */
const ACCOUNT = { realm: "antMiner Configuration", username: "root", password: "root" };

/** `FR-1.12(251009-S21)` of the newest builds is the file system's version; older ones give their date. */
function systemInfo({ identity, address }: SpokenRig, build: AntminerBuild) {
  return {
    minertype: identity.model.model,
    nettype: "DHCP",
    netdevice: "eth0",
    macaddr: identity.mac,
    hostname: identity.hostname,
    ipaddress: address,
    netmask: "255.0.0.0",
    gateway: "",
    dnsservers: "",
    system_mode: "GNU/Linux",
    system_kernel_version: "Linux 4.6.0-xilinx #1 SMP PREEMPT",
    system_filesystem_version: build.compileTime,
    firmware_type: "Release",
    ...(build.statsShape === "x19" && { serinum: identity.serial }),
  };
}

function networkInfo({ identity, address }: SpokenRig) {
  return {
    nettype: "DHCP",
    netdevice: "eth0",
    macaddr: identity.mac,
    ipaddress: address,
    netmask: "255.0.0.0",
    conf_nettype: "DHCP",
    conf_hostname: identity.hostname,
    conf_ipaddress: "",
    conf_netmask: "",
    conf_gateway: "",
    conf_dnsservers: "",
  };
}

function minerConf({ state, identity }: SpokenRig, build: AntminerBuild) {
  const mode = state.phase === "sleeping" ? "1" : "0";
  return {
    pools: state.pools.map(({ url, user }) => ({ url, user, pass: "x" })),
    "api-listen": true,
    "api-network": true,
    "api-groups": "A:stats:pools:devs:summary:version",
    "api-allow": "A:0/0,W:*",
    "bitmain-fan-ctrl": false,
    "bitmain-fan-pwm": "100",
    "bitmain-use-vil": true,
    "bitmain-freq": String(identity.model.frequencyMhz),
    "bitmain-voltage": "1360",
    "bitmain-ccdelay": "0",
    "bitmain-pwth": "0",
    // The X21 generation calls it by another name.
    ...(build.devsHaveRates ? { "miner-mode": mode } : { "bitmain-work-mode": mode }),
    "bitmain-freq-level": "100",
  };
}

const STATUS_TEXT = { rate: "", network: "", fans: "", temp: "" };

/** What the firmware thinks of rate, network, fans and temperature, as the first page shows it. */
function health({ state }: SpokenRig) {
  const slowest = Math.min(...state.fansRpm);
  const bad: Partial<Record<keyof typeof STATUS_TEXT, string>> = {
    ...(state.phase === "stopped" && { temp: "Temp protect" }),
    ...(state.phase === "mining" && slowest < 1000 && { fans: "Fan speed abnormal" }),
    ...(state.boards.some((board) => !board.present) && { rate: "Hashboard lost" }),
  };
  return (Object.keys(STATUS_TEXT) as (keyof typeof STATUS_TEXT)[]).map((type) => ({
    type,
    status: bad[type] === undefined ? "s" : "e",
    code: 0,
    msg: bad[type] ?? "",
  }));
}

const envelope = (rig: SpokenRig, build: AntminerBuild, word: string) => ({
  STATUS: { STATUS: "S", when: Math.floor(rig.nowMs / 1000), Msg: word, api_version: "1.0.0" },
  INFO: { miner_version: build.minerVersion, CompileTime: build.compileTime, type: rig.identity.model.model },
});

function rates(rig: SpokenRig, build: AntminerBuild) {
  const { state, identity } = rig;
  return {
    elapsed: Math.floor(state.elapsedMs / 1000),
    rate_5s: totalRate(state, build),
    rate_30m: twoDecimals(state.windows.thirtyMinutesThs / unitOf(build)),
    rate_avg: averageRate(state, build),
    rate_ideal: twoDecimals(identity.model.hashrateThs / unitOf(build)),
    rate_unit: "GH/s",
  };
}

function webSummary(rig: SpokenRig, build: AntminerBuild) {
  const hw = rig.state.boards.reduce((sum, board) => sum + board.hwErrors, 0);
  return {
    ...envelope(rig, build, "summary"),
    SUMMARY: [
      {
        ...rates(rig, build),
        hw_all: hw,
        bestshare: rig.state.shares.accepted * rig.state.unit.poolDifficulty,
        status: health(rig),
      },
    ],
  };
}

function webStats(rig: SpokenRig, build: AntminerBuild) {
  const { state, identity } = rig;
  const { model } = identity;
  const present = state.boards.filter((board) => board.present);
  const fan = listedFans(state, build);
  const chain = present.map((board) => {
    const { pcb, chip, pic } = listedSensors(board, state, build);
    return {
      index: board.slot,
      freq_avg: nominalMhz(rig),
      rate_ideal: twoDecimals(model.hashrateThs / unitOf(build) / model.boardCount),
      rate_real: twoDecimals(board.hashrateThs / unitOf(build)),
      asic_num: board.chips,
      asic: "o".repeat(board.chips),
      temp_pic: pic,
      temp_pcb: pcb,
      temp_chip: chip,
      hw: board.hwErrors,
      eeprom_loaded: true,
      sn: identity.boardSerials[board.slot],
      hwp: 0,
      tpl: [],
    };
  });
  return {
    ...envelope(rig, build, "stats"),
    STATS: [
      {
        ...rates(rig, build),
        chain_num: present.length,
        fan_num: fan.length,
        fan,
        hwp_total: 0,
        "miner-mode": state.phase === "sleeping" ? 1 : 0,
        "freq-level": 100,
        chain,
      },
    ],
  };
}

function webPools(rig: SpokenRig, build: AntminerBuild) {
  const { state } = rig;
  return {
    ...envelope(rig, build, "pools"),
    POOLS: state.pools.map(({ url, user, alive, active, shares }, index) => ({
      index,
      url,
      user,
      status: alive ? "Alive" : "Dead",
      priority: index,
      getworks: active ? Math.floor(state.elapsedMs / 13_000) : 3,
      accepted: shares.accepted,
      rejected: shares.rejected,
      discarded: 0,
      stale: shares.stale,
      diff: active ? "524K" : "",
      diff1: 0,
      lsdiff: 0,
      lstime: "0",
    })),
  };
}

/** Pages of the X19 generation; what slept answers summary and stats with empty lists, as its cgminer API does. */
function page(path: string, rig: SpokenRig, build: AntminerBuild): object | undefined {
  const asleep = rig.state.phase === "sleeping";
  const isNew = build.statsShape === "x19";
  switch (path) {
    case "/cgi-bin/get_system_info.cgi":
      return systemInfo(rig, build);
    case "/cgi-bin/get_network_info.cgi":
      return networkInfo(rig);
    case "/cgi-bin/get_miner_conf.cgi":
      return minerConf(rig, build);
    case "/cgi-bin/get_blink_status.cgi":
      return isNew ? { blink: false } : { isBlinking: false };
    default:
      if (!isNew) return undefined;
      break;
  }
  switch (path) {
    case "/cgi-bin/miner_type.cgi":
      return {
        miner_type: rig.identity.model.model,
        subtype: "AMLCtrl_BHB42xxx",
        fw_version: build.compileTime,
      };
    case "/cgi-bin/summary.cgi":
      return asleep ? { ...envelope(rig, build, "summary"), SUMMARY: [] } : webSummary(rig, build);
    case "/cgi-bin/stats.cgi":
      return asleep ? { ...envelope(rig, build, "stats"), STATS: [] } : webStats(rig, build);
    case "/cgi-bin/pools.cgi":
      return webPools(rig, build);
    default:
      return undefined;
  }
}

/**
 * Bitmain's web interface: lighttpd with a digest login for everything, CGI programs behind it. Routes after the vendor
 * dialects' reference; before the X19 there are only the pages about network and settings.
 */
export const antminerWeb: WebSpeaker = {
  ports: [80],
  answer(rig: SpokenRig, request: WebRequest): WebReply | undefined {
    const refusal = digestRefusal(rig, request, ACCOUNT);
    if (refusal !== undefined) return refusal;
    if (request.path === "/")
      return { body: `<html><head><title>${rig.identity.model.model}</title></head><body></body></html>` };
    const body = page(request.path, rig, rig.identity.model.build as AntminerBuild);
    return body && { body };
  },
};
