import type { Board, Sample } from "@hashwatt/protocol/sample";
import type { StoredSample } from "@hashwatt/server/store/store";

/** A seeded generator of numbers in [0, 1): mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** 2026-03-01T00:00:00Z, the start of the made-up day. */
export const DAY_MS = Date.UTC(2026, 2, 1);

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Options of {@link fleetDay}. */
export interface DayOptions {
  seed: number;
  rigs: number;
  hours: number;
  intervalMs: number;
}

/**
 * A stretch of readings of a small mixed fleet with what real ones have: rigs that report little, gaps, unreachable
 * spells, restarts that set counters back, missing boards, faults, several fans. Sorted by time.
 */
export function fleetDay({ seed, rigs, hours, intervalMs }: DayOptions): StoredSample[] {
  const random = seeded(seed);
  const between = (low: number, high: number, digits = 0) => rounded(low + random() * (high - low), digits);
  const all: StoredSample[] = [];
  for (let rig = 1; rig <= rigs; rig++) {
    const kind = rig % 4;
    const [counters, errors] = [{ accepted: 0, rejected: 0, acceptedDiff: 0 }, [0, 0, 0]];
    let bootMs = DAY_MS - between(1, 100) * 3_600_000;
    for (let at = DAY_MS + between(0, intervalMs - 1); at < DAY_MS + hours * 3_600_000; ) {
      const chance = random();
      const sample: Omit<Sample, "rig"> = {
        atMs: at,
        intervalMs,
        status: "mining",
        pollMs: between(40, 400),
      };
      if (chance < 0.02) {
        sample.status = "unreachable";
        delete sample.pollMs;
      } else {
        sample.algo = kind === 3 ? "scrypt" : "sha256d";
        if (chance < 0.03) {
          bootMs = at - 20_000;
          counters.accepted = counters.rejected = counters.acceptedDiff = 0;
          errors.fill(0);
          sample.status = "starting";
          sample.faults = [{ code: "42", text: "fan's lost" }, { code: "boot" }];
        }
        counters.accepted += between(0, 5);
        counters.acceptedDiff += between(0, 5) * 65_536;
        counters.rejected += random() < 0.1 ? 1 : 0;
        sample.hashrateThs = between(95, 110, 5);
        sample.hashrateAvgThs = between(99, 104, 5);
        if (random() < 0.9) sample.chipTempC = between(55, 85, 1);
        sample.boardTempC = between(45, 70);
        sample.uptimeS = Math.round((at - bootMs) / 1000);
        sample.shares = { ...counters, ...(kind === 2 && { stale: 3, rejectedDiff: 1024 }) };
        if (kind === 0) delete sample.shares.acceptedDiff;
        if (kind !== 1) {
          sample.powerW = between(3000, 3400);
          sample.powerSource = kind === 2 ? "psu" : "model";
        }
        if (kind === 2) Object.assign(sample, richFields(between));
        if (kind === 3) sample.clock = "unsure";
        sample.fansRpm = Array.from({ length: [4, 1, 6, 2][kind]! }, () => between(4000, 6000));
        sample.pool = `stratum+tcp://pool-${rig % 2}.example:3333`;
        if (kind !== 1) sample.boards = boards(between, random, errors);
      }
      all.push({ rig, receivedMs: at + between(1, 900), sample });
      at += intervalMs + (chance > 0.995 ? between(60_000, 900_000) : 0);
    }
  }
  return all.sort((a, b) => a.sample.atMs - b.sample.atMs || a.rig - b.rig);
}

function richFields(between: (low: number, high: number, digits?: number) => number): Partial<Sample> {
  return {
    inletTempC: between(15, 30, 1),
    outletTempC: between(40, 60, 1),
    coolantTempC: 31.5,
    psuTempC: between(40, 60),
    boardLimitC: 80,
    chipLimitC: 95,
    targetThs: 105,
    powerLimitW: 3600,
    powerMode: "Normal",
    fanDutyRatio: between(0.4, 1, 2),
    hashrateWindowS: 60,
  };
}

function boards(
  between: (low: number, high: number, digits?: number) => number,
  random: () => number,
  errors: number[],
): Board[] {
  const found: Board[] = [];
  for (let slot = 0; slot < 3; slot++) {
    errors[slot]! += between(0, 3);
    if (random() < 0.02) continue;
    const board: Board = { slot, hashrateThs: between(30, 36, 4), chips: between(124, 126) };
    if (slot < 2) Object.assign(board, { boardTempC: between(45, 70), chipTempC: between(55, 85) });
    if (slot !== 1) Object.assign(board, { hwErrors: errors[slot], frequencyMHz: 545.5, chipsExpected: 126 });
    if (slot === 2) board.voltageV = between(12, 13, 2);
    found.push(board);
  }
  return found;
}
