import type { OtherBuild } from "../makes/others.js";
import { averageThs, elapsedS, hwErrors, isMining, presentBoards } from "./cgminerRows.js";
import type { Speaker, SpokenRig } from "./speaker.js";
import { secretOf } from "./webLogin.js";

const ghs = (ths: number): number => ths * 1000;

const boardSerial = ({ identity }: SpokenRig, slot: number): string =>
  identity.boardSerials[slot] ?? `HB-${slot}`;

function system(rig: SpokenRig, { firmwareVersion: version }: OtherBuild): object {
  const { identity, state } = rig;
  return {
    "system-info": {
      manufacturer: "Proto",
      product_name: "Proto Rig",
      model: "Rig",
      board: "C3",
      cb_sn: identity.serial,
      soc: "STM32MP157F",
      os: { name: "ProtoOS", variant: "release", version, hostname: identity.hostname },
      mining_driver_sw: { name: "mcdd", version },
      web_server: { name: "miner-api-server", version },
      web_dashboard: { name: "miner-web", version },
      uptime_seconds: Math.floor(state.uptimeMs / 1000),
    },
  };
}

function hardware(rig: SpokenRig): object {
  const { identity, state } = rig;
  return {
    "hardware-info": {
      "cb-info": { board_id: "CB-001", machine_name: "Rig", serial_number: identity.serial },
      "fans-info": state.fansRpm.map((_, i) => ({
        slot: i + 1,
        name: `Fan ${i + 1}`,
        min_rpm: 1000,
        max_rpm: 6000,
      })),
      "hashboards-info": presentBoards(state).map((board) => ({
        slot: board.slot + 1,
        port: board.slot,
        board: "B4",
        hb_sn: boardSerial(rig, board.slot),
        mining_asic: "BZM",
        mining_asic_count: identity.model.chipsPerBoard,
      })),
      "psus-info": [{ slot: 1, manufacturer: "Proto", model: "PSU-3600W", psu_sn: identity.psuSerial }],
    },
  };
}

function mining(rig: SpokenRig): object {
  const { state, identity } = rig;
  const present = presentBoards(state);
  const mean = (values: number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return {
    "mining-status": {
      status:
        { off: "Uninitialized", waiting: "NoPools", starting: "PoweringOn" }[state.phase as string] ??
        (isMining(state) ? "Mining" : state.phase === "sleeping" ? "Stopped" : "Error"),
      hashrate_ghs: ghs(state.hashrateThs),
      average_hashrate_ghs: ghs(averageThs(state)),
      ideal_hashrate_ghs: ghs(identity.model.hashrateThs),
      power_usage_watts: state.powerW,
      power_target_watts: identity.model.powerW,
      power_efficiency_jth: state.hashrateThs > 0 ? state.powerW / state.hashrateThs : 0,
      average_asic_temp_c: mean(present.map(({ chipTempC }) => chipTempC)),
      average_hb_temp_c: mean(present.map(({ boardTempC }) => boardTempC)),
      hashboards_installed: present.length,
      hashboards_mining: isMining(state) ? present.length : 0,
      hw_errors: hwErrors(state),
      mining_uptime_s: elapsedS(state),
      reboot_uptime_s: Math.floor(state.uptimeMs / 1000),
    },
  };
}

function telemetry(rig: SpokenRig): object {
  const { state } = rig;
  const present = presentBoards(state);
  const each = state.powerW / Math.max(1, present.length);
  const unit = (name: string, value: number) => ({ unit: name, value });
  const highest = Math.max(...present.map(({ boardTempC }) => boardTempC));
  return {
    miner: {
      hashrate: unit("TH/s", state.hashrateThs),
      power: unit("W", state.powerW),
      efficiency: unit("J/TH", state.hashrateThs > 0 ? state.powerW / state.hashrateThs : 0),
      temperature: unit("°C", highest),
    },
    hashboards: present.map((board) => ({
      index: board.slot,
      serial_number: boardSerial(rig, board.slot),
      hashrate: unit("TH/s", board.hashrateThs),
      power: unit("W", each * 0.96),
      voltage: unit("V", 14.5),
      current: unit("A", (each * 0.96) / 14.5),
      efficiency: unit("J/TH", board.hashrateThs > 0 ? each / board.hashrateThs : 0),
      temperature: {
        unit: "°C",
        inlet: board.boardTempC - 8,
        average: board.boardTempC,
        outlet: board.boardTempC + 6,
      },
    })),
    psus: [
      {
        index: 0,
        serial_number: rig.identity.psuSerial,
        power: { unit: "W", input: state.powerW, output: state.powerW * 0.96 },
        temperature: { unit: "°C", ambient: state.inletTempC, average: 45, hotspot: 52 },
      },
    ],
  };
}

function answerOf(path: string, rig: SpokenRig, build: OtherBuild): object | undefined {
  const { state, identity, address } = rig;
  switch (path) {
    case "system":
      return system(rig, build);
    case "hardware":
      return hardware(rig);
    case "mining":
      return mining(rig);
    case "telemetry":
      return telemetry(rig);
    case "cooling":
      return {
        "cooling-status": {
          fan_mode: "Auto",
          target_temperature_c: 50,
          speed_percentage: Math.round(state.fanRatio * 100),
          fans: state.fansRpm.map((rpm, i) => ({
            slot: i + 1,
            rpm,
            speed_percentage: Math.round(state.fanRatio * 100),
          })),
        },
      };
    case "network":
      return {
        "network-info": {
          dhcp: true,
          mac: identity.mac,
          hostname: identity.hostname,
          ip_address: address,
          netmask: "255.0.0.0",
          gateway: "",
        },
      };
    case "pools":
      return {
        pools: state.pools.map(({ url, user, alive, active, shares }, id) => ({
          id,
          priority: id,
          name: id === 0 ? "Primary Pool" : "Backup Pool",
          url,
          user,
          enabled: true,
          status: active ? "Active" : alive ? "Idle" : "Dead",
          connection_status: alive ? "Active" : "Dead",
          difficulty: String(state.unit.poolDifficulty),
          accepted: shares.accepted,
          rejected: shares.rejected,
        })),
      };
    case "errors":
      return [];
    default:
      return undefined;
  }
}

const API = "/api/v1/";

/** A Proto rig's REST API, open to read; shapes from a capture of the maker's own simulator (1.8.0). */
export const proto: Speaker = {
  web: {
    ports: [80],
    answer(rig, { path, method }) {
      if (path === "/") return { body: "<html><head><title>Proto OS</title></head><body></body></html>" };
      if (method === "POST" && path === `${API}auth/login`) {
        const token = secretOf(rig, "token");
        return { body: { access_token: token, refresh_token: token } };
      }
      if (method !== "GET" || !path.startsWith(API)) return undefined;
      const body = answerOf(path.slice(API.length), rig, rig.identity.model.build as OtherBuild);
      return body && { body };
    },
  },
};
