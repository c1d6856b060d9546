import type { AntminerBuild } from "../models.js";
import type { PoolState, RigState } from "../rigState.js";
import { averageRate, totalRate, unitOf, x17Pairs, x19Pairs } from "./antminerStats.js";
import { antminerWeb } from "./antminerWeb.js";
import { x9Row } from "./antminerX9.js";
import { joined, type Pairs, type Row, refusal, rendered, type Section, twoDecimals } from "./reply.js";
import { parseRequest, splitJoined } from "./request.js";
import type { Answer, SpokenRig, TcpSpeaker } from "./speaker.js";

/** Stock firmware lets the LAN read these: `api-groups "A:stats:pools:devs:summary:version"`. */
type Readable = "version" | "summary" | "stats" | "devs" | "pools";

/** Commands that cgminer knows and stock firmware denies; what is in neither list is E 14. */
const DENIED = new Set(
  (
    "addpool asc asccount ascdisable ascenable ascset check coin config debug devdetails disablepool dbgstats edevs " +
    "enablepool estats failover-only hotplug lcd lockstats notify pga pgacount poolpriority poolquota privileged quit " +
    "removepool restart save setconfig switchpool usbstats zero"
  ).split(" "),
);

function isReadable(command: string): command is Readable {
  return ["version", "summary", "stats", "devs", "pools"].includes(command);
}

function ratePerMinute(count: number, state: RigState): number {
  return twoDecimals(count / Math.max(1, state.elapsedMs / 60_000));
}

/** Share counters and what cgminer derives from them; the same in `summary`, `devs` and the active pool. */
function shareFigures(state: RigState) {
  const { accepted, rejected, stale } = state.shares;
  const difficulty = state.unit.poolDifficulty;
  return {
    Accepted: accepted,
    Rejected: rejected,
    "Difficulty Accepted": accepted * difficulty,
    "Difficulty Rejected": rejected * difficulty,
    "Difficulty Stale": stale * difficulty,
    // The best share of n is about n times the difficulty.
    "Best Share": accepted * difficulty,
    Discarded: Math.floor(state.elapsedMs / 11),
    "Get Failures": 1,
    "Remote Failures": 0,
    Stale: stale,
    "Pool Rejected%": twoDecimals((100 * rejected) / Math.max(1, accepted + rejected)),
  };
}

function summaryRow({ state, nowMs, identity }: SpokenRig, build: AntminerBuild): Row {
  const { "Pool Rejected%": poolRejected, ...shares } = shareFigures(state);
  const elapsedS = Math.max(1, Math.floor(state.elapsedMs / 1000));
  const hashedTh = state.boards.reduce((sum, board) => sum + board.hashedTh, 0);
  const live = totalRate(state, build);
  const isOld = build.statsShape !== "x19";
  return {
    Elapsed: Math.floor(state.elapsedMs / 1000),
    "GHS 5s": isOld ? live.toFixed(2) : live,
    "GHS av": averageRate(state, build),
    "GHS 30m": isOld ? undefined : twoDecimals(state.windows.thirtyMinutesThs / unitOf(build)),
    "Found Blocks": 0,
    Getwork: Math.floor(elapsedS / 13),
    ...shares,
    "Hardware Errors": state.boards.reduce((sum, board) => sum + board.hwErrors, 0),
    Utility: ratePerMinute(state.shares.accepted, state),
    "Local Work": Math.floor(elapsedS * 89.8),
    "Network Blocks": Math.floor(elapsedS / 600),
    "Total MH": Math.round(hashedTh * 1e6),
    "Work Utility": ratePerMinute((hashedTh * 1e12) / 2 ** 32, state),
    "Device Hardware%": 0,
    "Device Rejected%": 0,
    "Pool Rejected%": poolRejected,
    "Pool Stale%": 0,
    "Last getwork": Math.floor(nowMs / 1000) - (identity.index % 3),
  };
}

function devsRow({ state, nowMs }: SpokenRig, build: AntminerBuild): Row {
  const { accepted, rejected } = state.shares;
  const lastShareS = Math.floor((nowMs - (state.shares.lastShareAgoMs ?? nowMs)) / 1000);
  return {
    ASC: 0,
    Name: "BTM_SOC",
    ID: 0,
    Enabled: "Y",
    Status: "Alive",
    // Misspelt and dead in every stock build.
    Tenperature: 0,
    // The S21 generation fills these in, in GH/s whatever the key says.
    "MHS av": build.devsHaveRates ? averageRate(state, build) : 0,
    "MHS 5s": build.devsHaveRates ? totalRate(state, build) : 0,
    Accepted: accepted,
    Rejected: rejected,
    "Hardware Errors": 0,
    Utility: 0,
    "Last Share Pool": 0,
    "Last Share Time": lastShareS,
    "Total MH": 0,
    "Diff1 Work": 0,
    "Difficulty Accepted": accepted * state.unit.poolDifficulty,
    "Difficulty Rejected": rejected * state.unit.poolDifficulty,
    // A bug of the firmware's: the time where the difficulty belongs.
    "Last Share Difficulty": lastShareS,
    "Last Valid Work": lastShareS,
    "Device Hardware%": 0,
    "Device Rejected%": 0,
    "Device Elapsed": Math.floor(state.elapsedMs / 1000),
  };
}

/** Age as `h:mm:ss`, the form of stock firmware. */
function clockFace(ageMs: number): string {
  const seconds = Math.floor(ageMs / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function poolRow({ state }: SpokenRig, index: number): Row {
  const pool = state.pools[index] as PoolState;
  const { active } = pool;
  const shares = shareFigures({ ...state, shares: pool.shares });
  const lastAgoMs = pool.shares.lastShareAgoMs;
  return {
    POOL: index,
    URL: pool.url,
    Status: pool.alive ? "Alive" : "Dead",
    Priority: index,
    Quota: 1,
    "Long Poll": "N",
    Getworks: active ? Math.floor(state.elapsedMs / 13_000) : 3,
    ...shares,
    "Get Failures": active ? 1 : 0,
    Discarded: active ? shares.Discarded : 0,
    User: pool.user,
    "Last Share Time": lastAgoMs === undefined ? "0" : clockFace(lastAgoMs),
    Diff: active ? "524K" : "",
    "Diff1 Shares": 0,
    "Proxy Type": "",
    Proxy: "",
    "Last Share Difficulty": lastAgoMs === undefined ? 0 : state.unit.poolDifficulty,
    "Has Stratum": true,
    "Stratum Active": active && state.phase === "mining",
    "Stratum URL": active ? (pool.url.split(/[/:]+/)[1] ?? "") : "",
    "Has GBT": false,
    // Two percent signs: stock firmware prints its own format string.
    "Pool Stale%%": 0,
  };
}

function versionRow({ identity }: SpokenRig, build: AntminerBuild): Row {
  return {
    [build.minerKey ?? "BMMiner"]: build.cgminerVersion,
    API: "3.1",
    Miner: build.minerVersion,
    CompileTime: build.compileTime,
    Type: identity.model.model,
  };
}

const READINGS = { x9: x9Row, x17: x17Pairs, x19: x19Pairs };

/** The two objects of `stats`: who it is, and everything else in flat keys. */
function statsRows(rig: SpokenRig, build: AntminerBuild): (Row | Pairs)[] {
  const head: Row = {
    [build.minerKey ?? "BMMiner"]: build.cgminerVersion,
    Miner: build.minerVersion,
    CompileTime: build.compileTime,
    Type: rig.identity.model.model,
  };
  return [head, READINGS[build.statsShape](rig, build)];
}

function readable(command: Readable, rig: SpokenRig, build: AntminerBuild): Section {
  const awake = rig.state.phase !== "sleeping";
  const section = (code: number, message: string, key: string, rows: (Row | Pairs)[]): Section => ({
    status: { letter: "S", code, message, description: `cgminer ${build.cgminerVersion}` },
    list: { key, rows },
  });
  // A rig put to sleep still answers, but every list except the version is empty.
  switch (command) {
    case "version":
      return section(22, "CGMiner versions", "VERSION", [versionRow(rig, build)]);
    case "summary":
      return section(11, "Summary", "SUMMARY", awake ? [summaryRow(rig, build)] : []);
    case "stats":
      return section(70, "CGMiner stats", "STATS", awake ? statsRows(rig, build) : []);
    case "devs":
      return section(9, awake ? "1 ASC(s)" : "0 ASC(s)", "DEVS", awake ? [devsRow(rig, build)] : []);
    case "pools":
      return section(
        7,
        awake ? "3 Pool(s)" : "0 Pool(s)",
        "POOLS",
        awake ? [0, 1, 2].map((i) => poolRow(rig, i)) : [],
      );
  }
}

function single(command: string, rig: SpokenRig, build: AntminerBuild): Section {
  if (isReadable(command)) return readable(command, rig, build);
  if (DENIED.has(command)) {
    return refusal(45, `Access denied to '${command}' command`, `cgminer ${build.cgminerVersion}`);
  }
  return refusal(14, "Invalid command");
}

/** cgminer answers twice what it refuses before looking for the command, with a stray comma; a reader stops at the first NUL. */
function refusedEarly(section: Section, whenS: number, build: AntminerBuild): string {
  const text = rendered(section, "json", whenS);
  return build.sendsNul ? `${text}\0${text},` : text;
}

function answerText(
  rig: SpokenRig,
  request: Buffer,
  build: AntminerBuild,
): { command: string; text: string } {
  const whenS = Math.floor(rig.nowMs / 1000);
  const description = `cgminer ${build.cgminerVersion}`;
  const asked = parseRequest(request, ["command"]);
  switch (asked.kind) {
    case "silent":
      return { command: "", text: rendered(refusal(14, "Invalid command"), "text", whenS) };
    case "invalid-json":
      return { command: "", text: refusedEarly(refusal(23, "Invalid JSON", description), whenS, build) };
    case "missing-command":
      return {
        command: "",
        text: refusedEarly(refusal(24, "Missing JSON 'command'", description), whenS, build),
      };
    case "command": {
      const { command, form } = asked;
      if (!command.includes("+") || !build.joinsCommands) {
        return { command, text: rendered(single(command, rig, build), form, whenS) };
      }
      const sections = splitJoined(command).map((part): [string, Section] => [
        part,
        single(part, rig, build),
      ]);
      return { command, text: joined(sections, form, whenS) };
    }
  }
}

/** Bitmain stock firmware (cgminer/bmminer) on X17, X19 and X21; shapes from captures of S17 Pro, S19 and S19 Pro. */
export const antminer: TcpSpeaker = {
  answer(rig, request): Answer {
    const build = rig.identity.model.build as AntminerBuild;
    const { command, text: whole } = answerText(rig, request, build);
    const text = build.forgetsComma ? whole.replaceAll('},{"STATS":0,', '}{"STATS":0,') : whole;
    return { command, bytes: build.sendsNul ? `${text}\0` : text };
  },
  web: antminerWeb,
};
