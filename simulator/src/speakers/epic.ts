import type { OtherBuild } from "../makes/others.js";
import { averageThs, bareUrl, elapsedS, hwErrors, isMining, presentBoards } from "./cgminerRows.js";
import type { Speaker, SpokenRig } from "./speaker.js";

const SHUTDOWN_C = 85;
const CRITICAL_C = 100;
const mhs = (ths: number): number => Math.round(ths * 1e8) / 100;
const thousandths = (value: number): number => Math.round(value * 1000) / 1000;

function summary(rig: SpokenRig, build: OtherBuild): object {
  const { state, identity, nowMs } = rig;
  const { model } = identity;
  const present = isMining(state) ? presentBoards(state) : [];
  const pool = state.pools[state.activePool];
  const expected = model.hashrateThs / model.boardCount;
  return {
    "OS Type": "umcOS",
    Software: build.firmwareVersion,
    Hostname: identity.hostname,
    Status: {
      "Operating State": isMining(state) ? "Mining" : state.phase === "sleeping" ? "Idling" : "Initializing",
      "Last Command": null,
      "Last Command Result": null,
      "Last Error": state.phase === "stopped" ? "Over temperature" : null,
    },
    Mining: { Coin: "BTC", Algorithm: "SHA-256" },
    Stratum: {
      "Config Id": state.activePool,
      "Current Pool": pool && bareUrl(pool),
      "Current User": pool?.user,
      IsPoolConnected: pool?.alive === true,
      "Average Latency": (pool?.latencyMs ?? 0) / 1_000,
      "Worker Unique Id": false,
    },
    StratumConfigs: state.pools.map(({ url, user }) => ({ pool: url, login: user, password: "x" })),
    Session: {
      Uptime: elapsedS(state),
      "Startup Timestamp": Math.floor((nowMs - state.elapsedMs) / 1000),
      Accepted: state.shares.accepted,
      Rejected: state.shares.rejected,
      Submitted: state.shares.accepted + state.shares.rejected,
      Difficulty: state.unit.poolDifficulty,
      "Active HBs": present.length,
      "Average MHs": mhs(averageThs(state)),
      LastAverageMHs: { Hashrate: mhs(averageThs(state)), Timestamp: Math.floor(nowMs / 1000) },
      "Last Accepted Share Timer": Math.floor((state.shares.lastShareAgoMs ?? 0) / 1000),
    },
    HBs: present.map((board) => ({
      Index: board.slot,
      "Input Voltage": 12.6,
      "Output Voltage": 0,
      "Input Current": 0,
      "Output Current": 0,
      "Input Power": 0,
      "Output Power": 0,
      Temperature: thousandths(board.boardTempC),
      "Core Clock": [],
      "Core Clock Avg": model.frequencyMhz,
      // MH/s, percent of what is expected, percent of errors.
      Hashrate: [mhs(board.hashrateThs), Math.round((1000 * board.hashrateThs) / expected) / 10, 0.8],
    })),
    HBStatus: state.boards.map(({ slot, present: detected }) => ({
      Index: slot,
      Detected: detected,
      Enabled: detected,
    })),
    HwConfig: {
      "Boards Target Clock": present.map(({ slot }) => ({ Index: slot, Data: model.frequencyMhz })),
    },
    "Power Supply Stats": {
      "Input Voltage": 0,
      "Output Voltage": 12.595,
      "Target Voltage": 12_600,
      "Input Current": 0,
      "Output Current": 0,
      "Input Power": thousandths(state.powerW),
      "Output Power": 0,
    },
    Fans: {
      "Fans Speed": Math.round(state.fanRatio * 100),
      "Fan Mode": { Auto: { "Target Temperature": 60, "Idle Speed": 20 } },
    },
    "Fans Rpm": Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [`Fans Speed ${i + 1}`, state.fansRpm[i] ?? null]),
    ),
    Misc: { "Shutdown Temp": SHUTDOWN_C, "Critical Temp": CRITICAL_C, "Locate Miner State": false },
    PerpetualTune: {
      Running: true,
      Algorithm: {
        VoltageOptimizer: {
          Target: model.hashrateThs,
          Unit: "TH/s",
          Optimized: true,
          "Throttle Target": null,
        },
      },
    },
    PresetInfo: { "Target Power": 3000 },
    "HW Errors": hwErrors(state),
  };
}

/** One list with a number for each chip of each board. */
const perChip = ({ state }: SpokenRig, tell: (board: number) => unknown): object =>
  presentBoards(state).map((board) => ({
    Index: board.slot,
    Total: 0,
    Data: Array.from({ length: board.chips }, () => tell(board.slot)),
  }));

function page(path: string, rig: SpokenRig, build: OtherBuild): string | object | undefined {
  const { state, identity, address } = rig;
  const { model } = identity;
  switch (path) {
    case "/":
      return "<html><head><title>Miner Web Dashboard</title></head><body></body></html>";
    case "/summary":
      return summary(rig, build);
    case "/capabilities":
      return {
        Model: model.model.replace("Antminer", "AntMiner"),
        "Model Subtype": "BHB56801",
        "Chip Type": build.asic,
        Coins: ["BTC"],
        "Max HBs": model.boardCount,
        "Board Serial Numbers": identity.boardSerials,
        "Control Board Version": { cpuHardware: "STM32", cpuSerial: identity.minerId },
        "Default Clock": model.frequencyMhz,
        "Default Hashrate": model.hashrateThs,
        "Default Voltage": 12_900,
        "Performance Estimator": { "Chip Count": model.chipsPerBoard, "Hashes Per Second Per Chip": 894 },
      };
    case "/network":
      return { dhcp: { address, netmask: "255.0.0.0", gateway: "", dns: "", mac_address: identity.mac } };
    case "/hashrate":
      return perChip(rig, (slot) => {
        const board = state.boards.find((one) => one.slot === slot);
        return [mhs((board?.hashrateThs ?? 0) / Math.max(1, board?.chips ?? 1)), 100, 0.8];
      });
    case "/clocks":
      return perChip(rig, () => model.frequencyMhz);
    case "/temps/chip":
    case "/voltages":
      return perChip(rig, () => 0);
    case "/temps":
      return presentBoards(state).map((board) => ({
        Index: board.slot,
        Total: 0,
        Data: [thousandths(board.boardTempC - 12), thousandths(board.boardTempC)],
      }));
    default:
      return undefined;
  }
}

/** ePIC's firmware: HTTP on the port of the cgminer API, open to read; shapes from a capture of an S19 XP (PowerPlay). */
export const epic: Speaker = {
  web: {
    ports: ["api", 80],
    answer(rig, { path, method }) {
      const body = method === "GET" ? page(path, rig, rig.identity.model.build as OtherBuild) : undefined;
      return body === undefined ? undefined : { body };
    },
  },
};
