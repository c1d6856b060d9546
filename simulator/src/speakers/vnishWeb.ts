import type { VnishBuild } from "../makes/antminerFirmwares.js";
import { sensors } from "./antminerStats.js";
import { averageThs, bareUrl, elapsedS, hwErrors, isMining, presentBoards } from "./cgminerRows.js";
import { twoDecimals } from "./reply.js";
import type { SpokenRig, WebReply, WebRequest, WebSpeaker } from "./speaker.js";
import { consumption, FEE_PERCENT, FEE_SHARE, feeSplit, stateWord } from "./vnishParts.js";
import { digestRefusal, jsonOf, secretOf } from "./webLogin.js";

const PASSWORD = "admin";

const ghs = (ths: number): number => twoDecimals(ths * 1000);
const range = (values: number[]) => ({ min: Math.min(...values), max: Math.max(...values) });

function networkStatus({ identity, address }: SpokenRig) {
  return {
    mac: identity.mac,
    dhcp: true,
    ip: address,
    netmask: "255.0.0.0",
    gateway: "127.0.0.1",
    dns: ["127.0.0.1"],
    hostname: identity.hostname,
  };
}

function system(rig: SpokenRig, build: VnishBuild) {
  const minutes = Math.floor(rig.state.uptimeMs / 60_000);
  return {
    os: "GNU/Linux",
    miner_name: build.shortName,
    file_system_version: "",
    network_status: networkStatus(rig),
    uptime: `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`,
  };
}

const info = (rig: SpokenRig, build: VnishBuild) => ({
  miner: rig.identity.model.model,
  model: build.shortName,
  fw_name: "Vnish",
  fw_version: build.version,
  build_name: "vnish",
  platform: "aml",
  install_type: "nand",
  build_time: build.compileTime,
  algorithm: "sha256d",
  hr_measure: "GH/s",
  system: system(rig, build),
  serial: "N/A",
});

function chains(rig: SpokenRig) {
  const { state, identity } = rig;
  const watts = consumption(rig);
  return presentBoards(state).map((board, i) => {
    const { pcb, chip } = sensors(board, state.inletTempC);
    return {
      id: board.slot + 1,
      frequency: isMining(state) ? identity.model.frequencyMhz : 0,
      voltage: 13_000,
      power_consumption: watts[i],
      hashrate_ideal: ghs(identity.model.hashrateThs / identity.model.boardCount),
      hashrate_rt: ghs(board.hashrateThs),
      hashrate_percentage: 100,
      hr_error: 0,
      hw_errors: board.hwErrors,
      pcb_temp: range(pcb),
      chip_temp: range(chip),
      chip_statuses: { red: 0, orange: 0, grey: 0 },
      status: { state: stateWord(rig) },
    };
  });
}

/** The rig's pools, and the firmware's own, which takes its fee. */
function pools({ state }: SpokenRig) {
  const { own, fee } = feeSplit(state);
  const isOn = isMining(state);
  return [
    ...state.pools.map((pool, id) => ({
      id,
      url: bareUrl(pool),
      pool_type: "UserPool",
      user: pool.user,
      status: !pool.alive ? "offline" : pool.active && isOn ? "active" : "working",
      asic_boost: true,
      diff: pool.active ? "262K" : "",
      accepted: own[id] as number,
      rejected: pool.shares.rejected,
      stale: pool.shares.stale,
      ls_diff: pool.active ? state.unit.poolDifficulty : 0,
      ls_time: "0:00:05",
      diffa: (own[id] as number) * state.unit.poolDifficulty,
      ping: Math.round(pool.latencyMs),
    })),
    {
      id: state.pools.length,
      url: "DevFee",
      pool_type: "DevFee",
      user: "DevFee",
      status: isOn ? "active" : "working",
      asic_boost: true,
      diff: FEE_SHARE.text,
      accepted: fee.accepted,
      rejected: 0,
      stale: 0,
      ls_diff: FEE_SHARE.difficulty,
      ls_time: "0:00:14",
      diffa: fee.difficulty,
      ping: 49,
    },
  ];
}

function summary(rig: SpokenRig, build: VnishBuild) {
  const { state, identity } = rig;
  const temps = presentBoards(state).map((board) => sensors(board, state.inletTempC));
  return {
    miner: {
      miner_status: { miner_state: stateWord(rig), miner_state_time: Math.floor(state.phaseMs / 1000) },
      miner_type: `${identity.model.model} (Vnish ${build.version})`,
      hr_stock: ghs(identity.model.hashrateThs),
      average_hashrate: averageThs(state),
      instant_hashrate: state.hashrateThs,
      hr_realtime: ghs(state.hashrateThs),
      hr_nominal: ghs(identity.model.hashrateThs),
      hr_average: ghs(averageThs(state)),
      pcb_temp: range(temps.flatMap(({ pcb }) => pcb)),
      chip_temp: range(temps.flatMap(({ chip }) => chip)),
      power_consumption: Math.round(state.powerW),
      power_usage: Math.round(state.powerW),
      power_efficiency: state.hashrateThs > 0 ? twoDecimals(state.powerW / state.hashrateThs) : 0,
      hw_errors: hwErrors(state),
      hw_errors_percent: 0,
      devfee_percent: FEE_PERCENT,
      pools: pools(rig),
      cooling: {
        fan_num: state.fansRpm.length,
        fans: state.fansRpm.map((rpm, id) => ({ id, rpm, status: "ok", max_rpm: 6500 })),
        settings: { mode: { name: "auto" } },
        fan_duty: Math.round(state.fanRatio * 100),
      },
      chains: chains(rig),
    },
  };
}

const settings = ({ identity, state }: SpokenRig, build: VnishBuild) => ({
  miner: {
    cooling: {
      mode: { name: "auto", param: 65 },
      fan_min_count: 4,
      fan_min_duty: 10,
      fan_max_duty: 100,
    },
    misc: { asic_boost: false, restart_temp: 90, max_restart_attempts: 3, quick_start: false },
    overclock: {
      modded_psu: false,
      preset: build.preset,
      globals: { volt: 1300, freq: identity.model.frequencyMhz },
      chains: [],
    },
    pools: state.pools.map((pool, order) => ({ url: bareUrl(pool), user: pool.user, pass: "", order })),
  },
  regional: { timezone: { current: "GMT" } },
  network: { hostname: identity.hostname, dhcp: true },
});

function answerOf(route: string, rig: SpokenRig, build: VnishBuild): object | undefined {
  const { state } = rig;
  const preset = (name: string) => ({
    name,
    pretty: `${name} watt ~ ${Math.round(rig.identity.model.hashrateThs)} TH`,
    status: "tuned",
    modded_psu_required: false,
  });
  switch (route) {
    case "GET info":
      return info(rig, build);
    case "GET summary":
      return { ...summary(rig, build), system: system(rig, build) };
    case "GET perf-summary":
      return { current_preset: preset(build.preset), preset_switcher: { enabled: false } };
    case "GET settings":
      return settings(rig, build);
    case "GET autotune/presets":
      return [preset(build.preset)];
    case "GET model":
      return { model: build.shortName, full_name: rig.identity.model.model };
    case "GET chains":
      return chains(rig);
    case "GET chips":
      return presentBoards(state).map((board) => ({
        id: board.slot + 1,
        chips: Array.from({ length: board.chips }, (_, id) => ({
          id,
          hr: Math.round((board.hashrateThs * 1000) / rig.identity.model.chipsPerBoard),
          freq: rig.identity.model.frequencyMhz,
        })),
      }));
    case "GET status":
      return {
        miner_state: stateWord(rig),
        miner_state_time: Math.floor(state.phaseMs / 1000),
        find_miner: false,
        restart_required: false,
        reboot_required: false,
        unlocked: false,
      };
    case "GET metrics":
      return { annotations: [], metrics: [{ time: Math.floor(rig.nowMs / 1000), uptime: elapsedS(state) }] };
    default:
      return undefined;
  }
}

function page(rig: SpokenRig, request: WebRequest): WebReply | undefined {
  const build = rig.identity.model.build as VnishBuild;
  // 0.9 has Bitmain's pages still, behind their login.
  if (!build.isNew)
    return digestRefusal(rig, request, {
      realm: "antMiner Configuration",
      username: "root",
      password: "root",
    });
  if (request.path === "/")
    return {
      body: '<html><head><meta name="firmware" content="AnthillOS"><title>Firmware</title></head><body></body></html>',
    };
  if (!request.path.startsWith("/api/v1/")) return undefined;
  const route = `${request.method} ${request.path.slice("/api/v1/".length)}`;
  if (route === "POST unlock")
    return jsonOf(request).pw === PASSWORD
      ? { body: { token: secretOf(rig, "token") } }
      : { status: 403, body: { err: "wrong password" } };
  const body = answerOf(route, rig, build);
  return body && { body };
}

/** VNish's web interface: open to read; only what changes something asks for the token of `unlock`. */
export const vnishWeb: WebSpeaker = { ports: [80], answer: page };
