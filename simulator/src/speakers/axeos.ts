import type { OtherBuild } from "../makes/others.js";
import { averageThs, elapsedS, hostOf, isMining } from "./cgminerRows.js";
import type { Speaker, SpokenRig } from "./speaker.js";

/** Small cores of a chip, which with the clock make what it hashes. */
const CORES: Record<string, number> = { BM1366: 894, BM1368: 1276, BM1370: 2040, BM1397: 672 };
const ghs = (ths: number): number => ths * 1000;

function info({ state, identity }: SpokenRig, build: OtherBuild): object {
  const [board] = state.boards;
  const [first, second] = state.pools;
  return {
    power: state.powerW,
    voltage: 5175,
    current: (state.powerW / 5.175) * 1000,
    // -1 while the chip has no power.
    temp: isMining(state) ? board?.chipTempC : -1,
    vrTemp: Math.round(board?.boardTempC ?? 0),
    hashRate: ghs(state.hashrateThs),
    hashRate_1m: ghs(state.windows.oneMinuteThs),
    hashRate_10m: ghs(state.windows.fifteenMinutesThs),
    hashRate_1h: ghs(averageThs(state)),
    bestDiff: "4.83M",
    bestSessionDiff: "483k",
    stratumDiff: state.unit.poolDifficulty,
    isUsingFallbackStratum: state.activePool === 1 ? 1 : 0,
    freeHeap: 8_443_612,
    coreVoltage: 1166,
    coreVoltageActual: 1172,
    frequency: identity.model.frequencyMhz,
    ssid: "Example",
    macAddr: identity.mac,
    hostname: identity.hostname,
    wifiStatus: "Connected!",
    wifiRSSI: -52,
    sharesAccepted: state.shares.accepted,
    sharesRejected: state.shares.rejected,
    sharesRejectedReasons: [],
    uptimeSeconds: elapsedS(state),
    asicCount: 1,
    smallCoreCount: CORES[build.asic ?? ""] ?? 0,
    ASICModel: build.asic,
    stratumURL: first && hostOf(first),
    stratumPort: 3333,
    stratumUser: first?.user,
    fallbackStratumURL: second && hostOf(second),
    fallbackStratumPort: 3333,
    fallbackStratumUser: second?.user,
    version: build.firmwareVersion,
    axeOSVersion: build.firmwareVersion,
    idfVersion: "v5.4",
    boardVersion: "601",
    runningPartition: "ota_0",
    overheat_mode: state.phase === "stopped" ? 1 : 0,
    overclockEnabled: 0,
    autofanspeed: 1,
    fanspeed: Math.round(state.fanRatio * 100),
    fanrpm: state.fansRpm[0] ?? 0,
  };
}

/** AxeOS on a Bitaxe: no cgminer API, one answer of the web interface, open to all; shape from a capture of a Supra. */
export const axeos: Speaker = {
  web: {
    ports: [80],
    answer(rig, { path, method }) {
      const build = rig.identity.model.build as OtherBuild;
      if (method !== "GET") return undefined;
      switch (path) {
        case "/":
          return { body: "<html><head><title>AxeOS</title></head><body>AxeOS</body></html>" };
        case "/api/system/info":
          return { body: info(rig, build) };
        case "/api/system/asic":
          return {
            body: {
              ASICModel: build.asic,
              deviceModel: "Gamma",
              asicCount: 1,
              defaultFrequency: rig.identity.model.frequencyMhz,
              defaultVoltage: 1150,
            },
          };
        default:
          return undefined;
      }
    },
  },
};
