import type { BraiinsBuild } from "../makes/braiins.js";
import type { ShareCounters } from "../physics/shares.js";
import { braiinsApi, nominalMhs } from "./bosminer.js";
import { graphqlPage } from "./braiinsGraphql.js";
import { braiinsPages } from "./braiinsWeb.js";
import { averageThs, elapsedS, isMining, presentBoards } from "./cgminerRows.js";
import type { SpokenRig, TcpSpeaker, WebReply, WebRequest } from "./speaker.js";
import { jsonOf, secretOf } from "./webLogin.js";

const USERNAME = "root";
/** As delivered nobody has set a password; some images come with this one. */
const PASSWORDS: readonly unknown[] = ["", "root"];
const HOT_C = 95;

const ghs = (ths: number) => ({ gigahash_per_second: ths * 1000 });
const degrees = (tempC: number) => ({ degree_c: Math.round(tempC * 2) / 2 });

/** Windows of a rate; the shorter ones are the rig's, by their `part`. */
function windows({ state }: SpokenRig, liveThs: number, averageSinceStart: number) {
  const part = state.hashrateThs > 0 ? liveThs / state.hashrateThs : 0;
  const { oneMinuteThs, fiveMinutesThs, fifteenMinutesThs, thirtyMinutesThs } = state.windows;
  return {
    last_5s: ghs(liveThs),
    last_15s: ghs(liveThs),
    last_30s: ghs(oneMinuteThs * part),
    last_1m: ghs(oneMinuteThs * part),
    last_5m: ghs(fiveMinutesThs * part),
    last_15m: ghs(fifteenMinutesThs * part),
    last_30m: ghs(thirtyMinutesThs * part),
    last_1h: ghs(thirtyMinutesThs * part),
    last_24h: ghs(averageSinceStart),
    since_restart: ghs(averageSinceStart),
  };
}

const lastShare = ({ lastShareAgoMs }: ShareCounters, nowMs: number) =>
  lastShareAgoMs === undefined ? null : { seconds: Math.floor((nowMs - lastShareAgoMs) / 1000), nanos: 0 };

/** 1 not started, 2 normal, 3 paused, 4 suspended. */
const STATUS = { off: 1, waiting: 1, starting: 1, mining: 2, sleeping: 3, stopped: 4 } as const;

function details(rig: SpokenRig, build: BraiinsBuild) {
  const { state, identity } = rig;
  return {
    uid: identity.minerId,
    miner_identity: { brand: 1, model: 18, name: identity.model.model, miner_model: identity.model.model },
    platform: 6,
    bos_mode: 5,
    bos_version: { current: build.full, major: build.full, bos_plus: true },
    hostname: identity.hostname,
    mac_address: identity.mac.toLowerCase(),
    serial_number: identity.serial,
    system_uptime: Math.floor(state.uptimeMs / 1000),
    system_uptime_s: Math.floor(state.uptimeMs / 1000),
    bosminer_uptime_s: elapsedS(state),
    sticker_hashrate: ghs(identity.model.hashrateThs),

    status: STATUS[state.phase],
    kernel_version: "4.9.38",
    psu_info: { model_name: "APW121215f", serial_number: null, fw_version: null },
  };
}

function stats(rig: SpokenRig) {
  const { state } = rig;
  const { accepted, rejected, stale } = state.shares;
  const present = isMining(state) ? presentBoards(state) : [];
  return {
    miner_stats: {
      best_share: Math.round(accepted * state.unit.poolDifficulty),
      found_blocks: 0,
      error_hashrate: { megahash_per_second: 0 },
      nominal_hashrate: ghs((nominalMhs(rig) * present.length) / 1e6),
      real_hashrate: windows(rig, state.hashrateThs, averageThs(state)),
    },
    pool_stats: {
      accepted_shares: accepted,
      rejected_shares: rejected,
      stale_shares: stale,
      last_difficulty: state.unit.poolDifficulty,
      best_share: Math.round(accepted * state.unit.poolDifficulty),
      generated_work: elapsedS(state) * 250_000,
      last_share_time: lastShare(rig.state.shares, rig.nowMs),
    },
    power_stats: {
      approximated_consumption: { watt: Math.round(state.powerW) },
      efficiency: { joule_per_terahash: state.hashrateThs > 0 ? state.powerW / state.hashrateThs : null },
    },
  };
}

function hashboards(rig: SpokenRig, build: BraiinsBuild) {
  const { state, identity } = rig;
  return {
    hashboards: presentBoards(state).map((board) => ({
      id: String(build.firstChain + board.slot),
      enabled: true,
      board_name: "BHB56801",
      model: "BHB56801",
      serial_number: identity.boardSerials[board.slot],
      chip_type: "BM1366",
      chips_count: board.chips,
      current_frequency: { hertz: isMining(state) ? identity.model.frequencyMhz * 1e6 : 0 },
      current_voltage: { volt: 12.6 },
      board_temp: degrees(board.boardTempC),
      highest_chip_temp: { id: 1, location: 1, temperature: degrees(board.chipTempC) },
      highest_outlet_temp: degrees(board.boardTempC),
      lowest_inlet_temp: degrees(board.boardTempC - 14),
      stats: {
        best_share: 0,
        found_blocks: 0,
        error_hashrate: { megahash_per_second: 0 },
        nominal_hashrate: ghs(nominalMhs(rig) / 1e6),
        real_hashrate: windows(rig, board.hashrateThs, board.hashedTh / Math.max(1, elapsedS(state))),
      },
    })),
  };
}

function pools(rig: SpokenRig) {
  const { state, identity } = rig;
  const statsOf = (shares: ShareCounters) => ({
    accepted_shares: shares.accepted,
    rejected_shares: shares.rejected,
    stale_shares: shares.stale,
    ...(shares.lastShareAgoMs !== undefined && { last_difficulty: state.unit.poolDifficulty }),
    last_share_time: lastShare(shares, rig.nowMs),
  });
  return [
    {
      uid: "0",
      name: "Default",
      strategy: { quota: { value: 1 } },
      pools: state.pools.map(({ url, user, alive, active, shares }, i) => ({
        uid: `${identity.minerId}${i}`,
        url,
        user,
        enabled: true,
        alive,
        active: active && isMining(state),
        stats: statsOf(shares),
      })),
    },
  ];
}

function answerOf(route: string, rig: SpokenRig, build: BraiinsBuild): object | undefined {
  const { state, identity, address } = rig;
  switch (route) {
    case "GET miner/details":
      return details(rig, build);
    case "GET miner/stats":
      return stats(rig);
    case "GET miner/hw/hashboards":
      return hashboards(rig, build);
    case "GET miner/errors":
      return { errors: [] };
    case "GET pools":
    case "GET pools/":
      return pools(rig);
    case "GET cooling/state":
      return {
        fans: state.fansRpm.map((rpm, position) => ({ position, rpm, target_speed_ratio: state.fanRatio })),
        highest_temperature: {
          id: null,
          location: 1,
          temperature: degrees(Math.max(...state.boards.map(({ chipTempC }) => chipTempC))),
        },
      };
    case "GET network":
    case "GET network/":
      return {
        name: "eth0",
        protocol: 1,
        hostname: identity.hostname,
        mac_address: identity.mac.toLowerCase(),
        default_gateway: "127.0.0.1",
        dns_servers: ["127.0.0.1"],
        networks: [{ address, netmask: "255.0.0.0" }],
      };
    case "GET performance/tuner-state":
      return {
        overall_tuner_state: 2,
        mode_state: {
          powertargetmodestate: {
            current_target: { watt: build.powerLimitW },
            profile: {
              target: { watt: build.powerLimitW },
              estimated_power_consumption: { watt: Math.round(state.powerW) },
              measured_hashrate: ghs(state.hashrateThs),
            },
          },
        },
      };
    case "GET configuration/miner":
      return {
        pool_groups: [],
        temperature: { auto: { target_temperature: degrees(70), hot_temperature: degrees(HOT_C) } },
        tuner: {
          enabled: true,
          tuner_mode: 1,
          power_target: { watt: build.powerLimitW },
          hashrate_target: null,
        },
      };
    default:
      return undefined;
  }
}

function rest(rig: SpokenRig, request: WebRequest): WebReply | undefined {
  if (!request.path.startsWith("/api/v1/")) return graphqlPage(rig, request);
  const route = `${request.method} ${request.path.slice("/api/v1/".length)}`;
  const token = secretOf(rig, "token");
  if (route === "GET version" || route === "GET version/") return { body: { major: 1, minor: 1, patch: 0 } };
  if (route === "POST auth/login") {
    const { username, password } = jsonOf(request);
    return username === USERNAME && PASSWORDS.includes(password)
      ? { body: { token, timeout_s: 3600 } }
      : { status: 401, body: { message: "invalid credentials" } };
  }
  if (request.headers.authorization?.replace(/^Bearer /, "") !== token)
    return { status: 401, body: { message: "authentication required" } };
  if (route === "GET actions/locate")
    return { headers: { "content-type": "application/json" }, body: "false" };
  const body = answerOf(route, rig, rig.identity.model.build as BraiinsBuild);
  return body && { body };
}

/** Braiins OS from 25.07 on, behind the login of its web interface; shapes from a capture of an S19 XP (25.11). */
export const braiinsRest: TcpSpeaker = { answer: braiinsApi, web: braiinsPages(rest) };
