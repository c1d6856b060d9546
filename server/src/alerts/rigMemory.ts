import type { Reading, RigView } from "../fleet/rigView.js";
import { ByRig } from "../identity/byRig.js";
import {
  EXACT,
  EXACT_SIZE,
  isSettled,
  KEPT,
  PART,
  PART_MS,
  PART_SIZE,
  PARTS,
  RESTARTS,
  type RecentWork,
  ROUGH,
  ROUGH_SIZE,
} from "./memoryFields.js";
import { memoryText, parseMemory } from "./rigMemoryText.js";
import { WorkSums } from "./workSums.js";

const MINUTE_MS = 60_000;
/** A usual figure counts after so many minutes of a settled rig. */
export const USUAL_AFTER_MIN = 60;
/** How slowly the usual figures follow, and the recent ones, minutes. */
const USUAL_MIN = 2_880;
const RECENT_MIN = 5;
/** A reading stands for no longer than this. */
const LONGEST_MS = 5 * MINUTE_MS;
/** What differs by more is not as usual. */
const NOT_USUAL = 0.02;

/** What rules remember of each rig's own past, in about 320 bytes a rig. NaN stands for unknown inside. */
export class RigMemory {
  readonly #slots = new ByRig<number>();
  readonly #free: number[] = [];
  #exact = new Float64Array(0);
  #rough = new Float32Array(0);
  readonly #sums = new WorkSums();

  /** Takes in the reading that has just arrived. */
  learn(view: RigView, nowMs: number): void {
    const { reading, rig } = view;
    if (!reading || reading.status === "unreachable") return;
    this.#sums.changed();
    const slot = this.#slotOf(rig);
    const e = slot * EXACT_SIZE;
    const r = slot * ROUGH_SIZE;
    const exact = this.#exact;
    const rough = this.#rough;
    const before = exact[e + EXACT.atMs]!;
    const elapsedMs = Number.isNaN(before) ? 0 : Math.min(LONGEST_MS, Math.max(0, nowMs - before));
    exact[e + EXACT.atMs] = nowMs;
    const minutes = elapsedMs / MINUTE_MS;
    this.#restarts(e, reading.uptimeS, nowMs);
    this.#work(e, r, reading, nowMs, elapsedMs, nowMs - before > PART_MS);
    const { chipTempC, boardTempC, boards, powerW } = reading;
    this.#temps(e, r, chipTempC ?? boardTempC, nowMs);
    if (powerW !== undefined && powerW > 0) rough[r + ROUGH.powerReadings]!++;
    if (reading.status !== "mining") return;
    if (boards) {
      if (boards.length > rough[r + ROUGH.boards]!) rough[r + ROUGH.boards] = boards.length;
      let chips = 0;
      let mhz = 0;
      let clocked = 0;
      for (const board of boards) {
        chips += board.chips ?? 0;
        if (board.frequencyMHz !== undefined && board.frequencyMHz > 0) {
          mhz += board.frequencyMHz;
          clocked++;
        }
      }
      if (chips > rough[r + ROUGH.chips]!) rough[r + ROUGH.chips] = chips;
      if (clocked && isSettled(reading.uptimeS))
        this.#follow(r + ROUGH.usualMHz, mhz / clocked, minutes, USUAL_MIN, rough[r + ROUGH.settledMin]!);
    }
    const { hashrateThs } = reading;
    if (hashrateThs === undefined || minutes === 0) return;
    this.#follow(r + ROUGH.recentThs, hashrateThs, minutes, RECENT_MIN);
    const jPerTh = view.figures.efficiencyJPerTh;
    if (jPerTh !== undefined) this.#follow(r + ROUGH.recentJPerTh, jPerTh, minutes, 4 * RECENT_MIN);
    if (!isSettled(reading.uptimeS)) return;
    const recentThs = rough[r + ROUGH.recentThs]!;
    this.#follow(r + ROUGH.usualThs, recentThs, minutes, USUAL_MIN, rough[r + ROUGH.settledMin]!);
    rough[r + ROUGH.settledMin] = Math.min(USUAL_MIN, rough[r + ROUGH.settledMin]! + minutes);
    if (jPerTh === undefined) return;
    const recentJPerTh = rough[r + ROUGH.recentJPerTh]!;
    this.#follow(r + ROUGH.usualJPerTh, recentJPerTh, minutes, USUAL_MIN, rough[r + ROUGH.efficientMin]!);
    rough[r + ROUGH.efficientMin] = Math.min(USUAL_MIN, rough[r + ROUGH.efficientMin]! + minutes);
  }

  /** Forgets a rig that is gone. */
  drop(rig: number): void {
    const slot = this.#slots.get(rig);
    if (slot === undefined) return;
    this.#slots.delete(rig);
    this.#free.push(slot);
    this.#sums.changed();
  }

  /** What it hashes when it is as usual, TH/s; undefined before an hour of it is known. */
  usualThs(rig: number): number | undefined {
    return this.#usual(rig, ROUGH.usualThs, ROUGH.settledMin);
  }

  /** What it needs when it is as usual, J/TH. */
  usualJPerTh(rig: number): number | undefined {
    return this.#usual(rig, ROUGH.usualJPerTh, ROUGH.efficientMin);
  }

  /** Mean clock of its boards when it is as usual, MHz. */
  usualMHz(rig: number): number | undefined {
    return this.#usual(rig, ROUGH.usualMHz, ROUGH.settledMin);
  }

  /** Hashrate of the last minutes, TH/s. */
  recentThs(rig: number): number | undefined {
    return this.#value(rig, ROUGH.recentThs);
  }

  /** Efficiency of the last twenty minutes, J/TH. */
  recentJPerTh(rig: number): number | undefined {
    return this.#value(rig, ROUGH.recentJPerTh);
  }

  /** The most boards, and chips on all of them, that it ever showed; 0 where it never told any. */
  mostBoards(rig: number): number {
    return this.#value(rig, ROUGH.boards) ?? 0;
  }

  mostChips(rig: number): number {
    return this.#value(rig, ROUGH.chips) ?? 0;
  }

  /** How many of its readings had a power. */
  powerReadings(rig: number): number {
    return this.#value(rig, ROUGH.powerReadings) ?? 0;
  }

  /** By how much its hottest sensor has risen within the last one to two minutes, °C; undefined where that is not known. */
  riseC(rig: number, nowC: number): number | undefined {
    const before = this.#value(rig, ROUGH.beforeTempC);
    return before === undefined ? undefined : nowC - before;
  }

  /** How often it has begun anew since an instant, at most four times; what a clock dates after `nowMs`, which was set back, is not known. */
  restartsSince(rig: number, fromMs: number, nowMs: number): number {
    const slot = this.#slots.get(rig);
    if (slot === undefined) return 0;
    let count = 0;
    for (let i = 0; i < RESTARTS; i++) {
      const atMs = this.#exact[slot * EXACT_SIZE + EXACT.restartMs + i]!;
      if (atMs >= fromMs && atMs <= nowMs) count++;
    }
    return count;
  }

  /**
   * What it did within the last `parts` halves of an hour (the present one included); undefined where nothing is known. Good until it is
   * asked again.
   */
  work(rig: number, nowMs: number, parts = PARTS): Readonly<RecentWork> | undefined {
    const slot = this.#slots.get(rig);
    return slot === undefined ? undefined : this.#sums.of(slot, nowMs, parts, this.#exact, this.#rough);
  }

  /** All of it, as text for a setting. */
  text(): string {
    return memoryText({ slots: this.#slots, exact: this.#exact, rough: this.#rough });
  }

  /** Takes back what {@link text} gave. Returns false for a text that is none: what a rig usually does is then learned anew. */
  restore(text: string): boolean {
    const saved = parseMemory(text);
    if (!saved) return false;
    this.#sums.changed();
    const { rigs, exact, rough } = saved;
    const width = exact ? ROUGH_SIZE : KEPT;
    for (const [i, rig] of rigs.entries()) {
      const slot = this.#slotOf(rig, true);
      this.#rough.set(rough.subarray(i * width, (i + 1) * width), slot * ROUGH_SIZE);
      if (exact) this.#exact.set(exact.subarray(i * EXACT_SIZE, (i + 1) * EXACT_SIZE), slot * EXACT_SIZE);
    }
    return true;
  }

  #usual(rig: number, field: number, minutes: number): number | undefined {
    const known = this.#value(rig, minutes);
    return known === undefined || known < USUAL_AFTER_MIN ? undefined : this.#value(rig, field);
  }

  #value(rig: number, field: number): number | undefined {
    const slot = this.#slots.get(rig);
    if (slot === undefined) return undefined;
    const value = this.#rough[slot * ROUGH_SIZE + field]!;
    return Number.isNaN(value) ? undefined : value;
  }

  /** Moves a mean towards a value that stood for some minutes; the first `known` minutes of it are a plain mean. */
  #follow(at: number, value: number, minutes: number, over: number, known = over): void {
    const before = this.#rough[at]!;
    // What is not as usual changes what is usual slowly, however little is known yet.
    const span = Math.abs(value - before) > NOT_USUAL * Math.abs(before) ? over : Math.min(over, known);
    this.#rough[at] = Number.isNaN(before)
      ? value
      : before + ((value - before) * minutes) / Math.max(minutes, span);
  }

  #restarts(e: number, uptimeS: number | undefined, nowMs: number): void {
    if (uptimeS === undefined) return;
    const before = this.#exact[e + EXACT.uptimeS]!;
    this.#exact[e + EXACT.uptimeS] = uptimeS;
    if (Number.isNaN(before) || uptimeS >= before) return;
    const first = e + EXACT.restartMs;
    this.#exact.copyWithin(first + 1, first, first + RESTARTS - 1);
    this.#exact[first] = nowMs;
  }

  #temps(e: number, r: number, tempC: number | undefined, nowMs: number): void {
    if (tempC === undefined) {
      this.#rough[r + ROUGH.tempC] = Number.NaN;
      this.#rough[r + ROUGH.beforeTempC] = Number.NaN;
      this.#exact[e + EXACT.tempMs] = Number.NaN;
      return;
    }
    const sinceMs = nowMs - this.#exact[e + EXACT.tempMs]!;
    if (sinceMs >= 0 && sinceMs < MINUTE_MS) return;
    // A point of three minutes ago says nothing of the rise within two, and one that lies ahead, of a clock that was set back, no more.
    this.#rough[r + ROUGH.beforeTempC] =
      sinceMs >= 0 && sinceMs <= 2 * MINUTE_MS ? this.#rough[r + ROUGH.tempC]! : Number.NaN;
    this.#rough[r + ROUGH.tempC] = tempC;
    this.#exact[e + EXACT.tempMs] = nowMs;
  }

  /** `isLate`: the last reading is longer ago than a part, so that what has grown since belongs to no present one. */
  #work(e: number, r: number, reading: Reading, nowMs: number, elapsedMs: number, isLate: boolean): void {
    const part = Math.floor(nowMs / PART_MS);
    const known = Math.floor(this.#exact[e + EXACT.partMs]! / PART_MS);
    for (
      let p = Number.isNaN(known) ? part - PARTS + 1 : Math.max(known + 1, part - PARTS + 1);
      p <= part;
      p++
    )
      this.#rough.fill(
        0,
        r + ROUGH.parts + (p % PARTS) * PART_SIZE,
        r + ROUGH.parts + ((p % PARTS) + 1) * PART_SIZE,
      );
    this.#exact[e + EXACT.partMs] = part * PART_MS;
    const at = r + ROUGH.parts + (part % PARTS) * PART_SIZE;
    const shares = reading.shares;
    const rejected =
      shares?.rejected === undefined && shares?.stale === undefined
        ? undefined
        : (shares.rejected ?? 0) + (shares.stale ?? 0);
    let hwErrors: number | undefined;
    for (const board of reading.boards ?? [])
      if (board.hwErrors !== undefined) hwErrors = (hwErrors ?? 0) + board.hwErrors;
    // What is counted while nobody could compare it with the hashrate is left out of both.
    const isBeside = elapsedMs < LONGEST_MS;
    const whole = this.#grown(e + EXACT.accepted, shares?.accepted, at + PART.accepted, !isLate);
    this.#grown(e + EXACT.rejected, rejected, at + PART.rejected, !isLate);
    const counted = this.#grown(e + EXACT.diff, shares?.acceptedDiff, at + PART.diff, isBeside);
    const erred = this.#grown(e + EXACT.hwErrors, hwErrors, at + PART.hwErrors, isBeside);
    if ((counted || whole || erred) && reading.hashrateThs !== undefined && isBeside)
      this.#rough[at + PART.th]! += (reading.hashrateThs * elapsedMs) / 1_000;
  }

  /** Adds what a counter has grown by; one that fell back has begun anew. Returns whether it could be told. */
  #grown(last: number, count: number | undefined, to: number, take: boolean): boolean {
    if (count === undefined) return false;
    const before = this.#exact[last]!;
    this.#exact[last] = count;
    if (Number.isNaN(before) || !take) return false;
    this.#rough[to]! += count >= before ? count - before : count;
    return true;
  }

  #slotOf(rig: number, fresh = false): number {
    const known = this.#slots.get(rig);
    if (known !== undefined && !fresh) return known;
    const slot = known ?? this.#free.pop() ?? this.#slots.size;
    this.#slots.set(rig, slot);
    this.#grow(slot + 1);
    this.#exact.fill(Number.NaN, slot * EXACT_SIZE, (slot + 1) * EXACT_SIZE);
    this.#rough.fill(Number.NaN, slot * ROUGH_SIZE, (slot + 1) * ROUGH_SIZE);
    for (const field of [
      ROUGH.settledMin,
      ROUGH.efficientMin,
      ROUGH.boards,
      ROUGH.chips,
      ROUGH.powerReadings,
    ])
      this.#rough[slot * ROUGH_SIZE + field] = 0;
    this.#rough.fill(0, slot * ROUGH_SIZE + ROUGH.parts, (slot + 1) * ROUGH_SIZE);
    return slot;
  }

  #grow(slots: number): void {
    if (slots * EXACT_SIZE <= this.#exact.length) return;
    const room = Math.max(16, Math.ceil(slots * 1.5));
    const exact = new Float64Array(room * EXACT_SIZE);
    exact.set(this.#exact);
    this.#exact = exact;
    const rough = new Float32Array(room * ROUGH_SIZE);
    rough.set(this.#rough);
    this.#rough = rough;
  }
}
