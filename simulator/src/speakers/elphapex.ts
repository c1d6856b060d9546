import type { OtherBuild } from "../makes/others.js";
import { sensors } from "./antminerStats.js";
import { averageThs, elapsedS, hwErrors, presentBoards } from "./cgminerRows.js";
import { twoDecimals } from "./reply.js";
import type { Speaker, SpokenRig } from "./speaker.js";
import { digestRefusal } from "./webLogin.js";

const ACCOUNT = { realm: "Daoge Miner", username: "root", password: "root" };
const mhs = (ths: number): number => twoDecimals(ths * 1e6);
const TYPE = "DG1+";

function envelope(rig: SpokenRig, word: string, build: OtherBuild) {
  const timestamp = Math.floor(rig.nowMs / 1000);
  return {
    STATUS: {
      STATUS: "S",
      when: Math.floor(rig.state.uptimeMs / 1000),
      timestamp,
      api_version: "1.0.0",
      Msg: word,
    },
    INFO: {
      miner_version: build.firmwareVersion,
      CompileTime: "",
      dev_sn: rig.identity.serial,
      type: TYPE,
      hw_version: "DG1+_HW_V1.0",
    },
  };
}

const rates = ({ state, identity }: SpokenRig) => ({
  rate_unit: "MH/s",
  elapsed: elapsedS(state),
  rate_5s: mhs(state.hashrateThs),
  rate_15m: mhs(state.windows.fifteenMinutesThs),
  rate_30m: 0,
  rate_avg: mhs(averageThs(state)),
  rate_ideal: mhs(identity.model.hashrateThs),
});

function chain(rig: SpokenRig): object[] {
  const { state, identity } = rig;
  const { model } = identity;
  return presentBoards(state).map((board) => {
    const { pcb } = sensors(board, state.inletTempC);
    return {
      index: board.slot,
      freq_avg: 62_000,
      rate_ideal: mhs(model.hashrateThs / model.boardCount),
      rate_real: mhs(board.hashrateThs),
      hashrate: mhs(board.hashrateThs),
      rate_15m: mhs(board.hashrateThs),
      asic_num: board.chips,
      asic: "o".repeat(board.chips),
      temp_pic: pcb,
      temp_pcb: pcb,
      // Thousandths of a degree, as text; of four places two have a sensor.
      temp_chip: [board.chipTempC - 3, board.chipTempC]
        .map((tempC) => String(Math.round(tempC * 1000)))
        .concat("", ""),
      hw: board.hwErrors,
      failrate: 0.03,
      eeprom_loaded: true,
      sn: identity.boardSerials[board.slot],
    };
  });
}

function page(path: string, rig: SpokenRig, build: OtherBuild): object | undefined {
  const { state, identity, address } = rig;
  switch (path) {
    case "/cgi-bin/get_system_info.cgi":
      return {
        minertype: TYPE,
        Algorithm: "Scrypt",
        nettype: "DHCP",
        netdevice: "eth0",
        macaddr: identity.mac,
        hostname: identity.hostname,
        ipaddress: address,
        netmask: "255.0.0.0",
        gateway: "",
        dnsservers: "",
        system_mode: "GNU/Linux",
        system_kernel_version: "4.4.194",
        system_filesystem_version: build.firmwareVersion,
        firmware_type: "Release",
      };
    case "/cgi-bin/summary.cgi":
      return {
        ...envelope(rig, "summary", build),
        SUMMARY: [
          {
            ...rates(rig),
            hw_all: hwErrors(state),
            bestshare: 0,
            status: ["rate", "network", "fans", "temp"].map((type) => ({
              type,
              status: type === "temp" && state.phase === "stopped" ? "e" : "s",
              code: 0,
              msg: "",
            })),
          },
        ],
      };
    case "/cgi-bin/stats.cgi":
      return {
        ...envelope(rig, "stats", build),
        STATS: [
          {
            ...rates(rig),
            chain_num: presentBoards(state).length,
            fan_num: state.fansRpm.length,
            fan: [...state.fansRpm],
            hwp_total: 0.11,
            chain: chain(rig),
          },
        ],
      };
    case "/cgi-bin/pools.cgi":
      return {
        ...envelope(rig, "pools", build),
        POOLS: state.pools.map(({ url, user, alive, shares }, index) => ({
          index,
          url,
          user,
          status: alive ? "Alive" : "Unreachable",
          priority: index,
          getworks: shares.accepted + shares.rejected,
          accepted: shares.accepted,
          rejected: shares.rejected,
          stale: shares.stale,
          diff: "",
          diff1: 0,
          diffa: Math.round(shares.accepted * state.unit.poolDifficulty),
          diffr: Math.round(shares.rejected * state.unit.poolDifficulty),
          diffs: 0,
          lsdiff: state.unit.poolDifficulty,
          lstime: "00:00:05",
        })),
      };
    case "/cgi-bin/get_miner_conf.cgi":
      return {
        pools: state.pools.map(({ url, user }) => ({ url, user, pass: "x" })),
        algo: "ltc",
        "fc-work-mode": state.phase === "sleeping" ? 1 : 0,
        "fc-fan-ctrl": false,
        "fc-fan-pwm": "80",
        "fc-freq": "1850",
        "fc-freq-level": "100",
        "fc-voltage": "1470",
      };
    case "/cgi-bin/get_blink_status.cgi":
      return { blink: false };
    default:
      return undefined;
  }
}

/** Elphapex: Bitmain's newer web interface under a realm of its own, and no cgminer API; shapes from a capture of a DG1+. */
export const elphapex: Speaker = {
  web: {
    ports: [80],
    answer(rig, request) {
      const refusal = digestRefusal(rig, request, ACCOUNT);
      if (refusal !== undefined) return refusal;
      if (request.path === "/") return { body: "<html><head><title>DG1+</title></head><body></body></html>" };
      const body = page(request.path, rig, rig.identity.model.build as OtherBuild);
      return body && { body };
    },
  },
};
