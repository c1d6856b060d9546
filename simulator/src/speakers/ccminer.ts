import type { OtherBuild } from "../makes/others.js";
import { chipMap, sensors } from "./antminerStats.js";
import { cgminerAnswer, listed } from "./cgminerApi.js";
import { averageThs, elapsedS, hwErrors, poolRows, presentBoards, summaryRow } from "./cgminerRows.js";
import type { Row, Section } from "./reply.js";
import type { Answer, Speaker, SpokenRig, TcpSpeaker } from "./speaker.js";
import { digestRefusal } from "./webLogin.js";

const DESCRIPTION = "ccminer 2.3.3";
const REALM = "blackMiner Configuration";
const mhs = (ths: number): string => (ths * 1e6).toFixed(4);

/** Marks what is one key of several: JSON objects here have keys that are the same. */
const SAME = /#\d(?=["=])/g;

function statsRow({ state, identity }: SpokenRig): Row {
  const { model } = identity;
  const slots = Array.from({ length: 4 }, (_, i): Row => {
    const n = i + 1;
    const board = state.boards.find(({ slot, present }) => slot === i && present);
    const { pcb, chip } = board
      ? sensors(board, state.inletTempC)
      : { pcb: [0, 0, 0, 0], chip: [0, 0, 0, 0] };
    return {
      [`temp${n}#0`]: pcb[0],
      [`temp${n}#1`]: chip[0],
      [`temp${n}#2`]: pcb[3],
      [`temp${n}#3`]: chip[3],
      [`chain_acn${n}`]: board?.chips ?? 0,
      [`chain_acs${n}`]: board ? chipMap(board.chips, 8) : "",
      [`chain_hw${n}`]: board?.hwErrors ?? 0,
      [`chain_rate${n}`]: board ? mhs(board.hashrateThs) : "",
    };
  });
  return Object.assign(
    {
      STATS: 0,
      ID: "A30",
      Elapsed: elapsedS(state),
      Calls: 0,
      Wait: 0,
      Max: 0,
      Min: 99999999,
      "MHS 5s": mhs(state.hashrateThs),
      "MHS av": mhs(averageThs(state)),
      miner_count: presentBoards(state).length,
      frequency: String(model.frequencyMhz),
      fan_num: state.fansRpm.length,
    } as Row,
    Object.fromEntries(state.fansRpm.map((rpm, i) => [`fan${i + 1}`, rpm])),
    { temp_num: presentBoards(state).length * 4 },
    ...slots,
    { temp_max: Math.round(Math.max(...state.boards.map(({ boardTempC }) => boardTempC))) },
    { "Device Hardware%": 0, no_matching_work: hwErrors(state) },
  );
}

function section(command: string, rig: SpokenRig, build: OtherBuild): Section | undefined {
  const list = (code: number, message: string, key: string, rows: Row[]) =>
    listed({ description: DESCRIPTION }, code, message, key, rows);
  const head = {
    CGMiner: "2.3.3",
    Miner: "2.0.2.2",
    CompileTime: build.firmwareVersion,
    Type: rig.identity.model.model,
  };
  switch (command) {
    case "version":
      return list(22, "CGMiner versions", "VERSION", [{ ...head, API: "3.1" }]);
    case "summary": {
      const row = summaryRow(rig, {
        "MHS 5s": mhs(rig.state.hashrateThs),
        "MHS av": mhs(averageThs(rig.state)),
      });
      // Counters come as text with four decimals.
      const text = (value: unknown) => Number(value).toFixed(4);
      return list(11, "Summary", "SUMMARY", [
        { ...row, Accepted: text(row.Accepted), Rejected: text(row.Rejected) },
      ]);
    }
    case "stats":
      return list(70, "CGMiner stats", "STATS", [head, statsRow(rig)]);
    case "pools":
      return list(7, "3 Pool(s)", "POOLS", poolRows(rig));
    default:
      return undefined;
  }
}

const systemInfo = ({ identity, address, state }: SpokenRig, build: OtherBuild) => ({
  minertype: identity.model.model,
  nettype: "DHCP",
  netdevice: "eth0",
  macaddr: identity.mac,
  hostname: identity.hostname,
  ipaddress: address,
  netmask: "255.0.0.0",
  gateway: "",
  dnsservers: "",
  uptime: String(Math.floor(state.uptimeMs / 60_000)),
  system_mode: "GNU/Linux",
  system_kernel_version: "Linux 3.8.13",
  system_filesystem_version: build.firmwareVersion,
  cgminer_version: "2.3.3",
});

/** Bitmain's old pages under another realm; `status` has the whole rig in text with commas between thousands. */
function webOf(password: string): NonNullable<Speaker["web"]> {
  return {
    ports: [80],
    answer(rig, request) {
      const refusal = digestRefusal(rig, request, { realm: REALM, username: "root", password });
      if (refusal !== undefined) return refusal;
      const build = rig.identity.model.build as OtherBuild;
      switch (request.path) {
        case "/":
          return { body: "<html><head><title>blackMiner</title></head><body></body></html>" };
        case "/cgi-bin/get_system_info.cgi":
          return { body: systemInfo(rig, build) };
        case "/cgi-bin/get_miner_status.cgi":
          return { body: minerStatus(rig) };
        case "/cgi-bin/get_miner_conf.cgi":
          return { body: { pools: rig.state.pools.map(({ url, user }) => ({ url, user, pass: "x" })) } };
        default:
          return undefined;
      }
    },
  };
}

function minerStatus({ state }: SpokenRig): object {
  const text = (value: number, decimals = 0) =>
    value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return {
    summary: {
      elapsed: String(elapsedS(state)),
      ghs5s: text(state.hashrateThs * 1e6, 1),
      ghsav: text(averageThs(state) * 1e6, 1),
    },
    pools: state.pools.map(({ url, user, alive, shares }, i) => ({
      index: String(i),
      url,
      user,
      status: alive ? "Alive" : "Dead",
      accepted: String(shares.accepted),
      rejected: String(shares.rejected),
    })),
    ...Object.fromEntries(state.fansRpm.map((rpm, i) => [`fan${i + 1}`, text(rpm)])),
    devs: presentBoards(state).map((board) => ({
      index: String(board.slot + 1),
      chain_acn: String(board.chips),
      freq: "2000",
      temp: [Math.round(board.chipTempC - 4), Math.round(board.chipTempC)],
      chain_acs: "o".repeat(board.chips),
    })),
  };
}

/** ccminer on a Hammer; shapes from a capture of a D10, four temperatures of a board under one key included. */
export const ccminer: TcpSpeaker = {
  answer(rig, request): Answer {
    const build = rig.identity.model.build as OtherBuild;
    const { command, bytes } = cgminerAnswer(request, {
      description: DESCRIPTION,
      whenS: Math.floor(rig.nowMs / 1000),
      section: (word) => section(word, rig, build),
    });
    return { command, bytes: Buffer.from(bytes.toString("utf8").replace(SAME, "")) };
  },
  web: webOf("root"),
};

/** A VolcMiner, whose cgminer API is closed; shapes from a capture of a D1. */
export const ccminerWeb: Speaker = { web: webOf("ltc@dog") };
