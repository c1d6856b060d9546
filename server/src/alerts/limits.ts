import type { Evidence } from "@hashwatt/protocol/sample";
import type { Limit, LimitBasis, Reading, RigLimits, RigView } from "../fleet/rigView.js";
import type { RigRecord } from "../store/state/state.js";
import { Baselines, type Temps } from "./baseline.js";
import { isSettled } from "./memoryFields.js";
import type { ThermalTable } from "./thermalTable.js";

const STATED = { source: "rig (stated by its firmware)", name: "stated by the rig's firmware" };

type Sensor = keyof RigLimits;

/**
 * Which limit counts for each sensor of a rig: what its firmware states, else a sourced row, else the lower one of its own baseline
 * and what is usual of its neighbours: rigs of its model in its rack.
 */
export class Limits {
  readonly #table: ThermalTable;
  readonly #baselines = new Baselines();
  /** The rack by the register, unique among all; undefined where it does not say. */
  rackOf: (record: RigRecord) => string | undefined = () => undefined;

  constructor(table: ThermalTable) {
    this.#table = table;
  }

  /** Limits of a rig as its view stands, for its caller to keep in `view.limits`. Learns from it what is usual of a sensor without a limit. */
  of(view: RigView, nowMs: number): RigLimits {
    const { reading, record } = view;
    let basis = view.limitBasis;
    if (
      !basis ||
      basis.evidence !== record.evidence ||
      basis.chipLimitC !== reading?.chipLimitC ||
      basis.boardLimitC !== reading?.boardLimitC
    ) {
      basis = this.#lookUp(view);
      view.limitBasis = basis;
    }
    const { firm } = basis;
    if (firm.chip && firm.board) return firm;
    const learned = this.#learned(view, basis, nowMs);
    const chipTold = reading?.chipTempC !== undefined;
    if (learned !== basis.learned || chipTold !== basis.chipTold) {
      basis.learned = learned;
      basis.chipTold = chipTold;
      basis.limits = merged(firm, learned, chipTold);
    }
    return basis.limits;
  }

  /** Sensors of a rig so described that are judged by what is usual of them, as far as the description tells. */
  learnedOf(evidence: Evidence): Sensor[] {
    const sourced = this.#table.limits(evidence);
    return (["chip", "board"] as const).filter((sensor) => !sourced[sensor]);
  }

  /** Teaches a rig's baseline from history, oldest first and at least five minutes apart, so that a restart does not begin to learn anew. */
  recall(rig: number, said: readonly (Temps & { atMs: number })[]): void {
    this.#baselines.recall(rig, said);
  }

  /** Forgets a rig that is gone. */
  drop(rig: number): void {
    this.#baselines.drop(rig);
  }

  #amongOf(record: RigRecord): string | undefined {
    const rack = this.rackOf(record);
    const { model } = record.evidence;
    return rack === undefined || model === undefined ? undefined : `${rack} ${model}`;
  }

  /** What is usual of the sensors without a limit of their own. A rig that is told to work otherwise has to learn it anew. */
  #learned({ rig, reading, record }: RigView, basis: LimitBasis, nowMs: number): RigLimits {
    if (reading?.status !== "mining") return this.#baselines.limits(rig);
    const { chipTempC, boardTempC, powerMode, uptimeS } = reading;
    if (powerMode !== undefined && powerMode !== basis.powerMode) {
      if (basis.powerMode !== undefined) this.#baselines.drop(rig);
      basis.powerMode = powerMode;
    }
    // Nearly all readings end here.
    const held = this.#baselines.held(rig, nowMs);
    return held ?? this.#learn(rig, record, basis.firm, { chipTempC, boardTempC, uptimeS }, nowMs);
  }

  #learn(
    rig: number,
    record: RigRecord,
    firm: RigLimits,
    { chipTempC, boardTempC, uptimeS }: Pick<Reading, "chipTempC" | "boardTempC" | "uptimeS">,
    nowMs: number,
  ): RigLimits {
    return this.#baselines.learn(
      rig,
      {
        ...(chipTempC !== undefined && !firm.chip && { chip: chipTempC }),
        ...(boardTempC !== undefined && !firm.board && { board: boardTempC }),
      },
      nowMs,
      () => this.#amongOf(record),
      isSettled(uptimeS),
    );
  }

  #lookUp({ reading, record, limitBasis }: RigView): LimitBasis {
    const { chipLimitC, boardLimitC } = reading ?? {};
    const sourced = this.#table.limits(record.evidence);
    const stated = (limitC: number | undefined): Limit | undefined =>
      limitC === undefined ? undefined : { limitC, ...STATED };
    const chip = stated(chipLimitC) ?? sourced.chip;
    const board = stated(boardLimitC) ?? sourced.board;
    // Nothing stated: rigs of one kind share the table's own object.
    const firm =
      chipLimitC === undefined && boardLimitC === undefined
        ? sourced
        : { ...(chip && { chip }), ...(board && { board }) };
    return {
      evidence: record.evidence,
      chipLimitC,
      boardLimitC,
      firm,
      learned: undefined,
      chipTold: false,
      limits: firm,
      powerMode: limitBasis?.powerMode,
    };
  }
}

/**
 * What is stated or sourced, and what is usual of a sensor that has no such limit. Chips are hotter than the board that they sit on: what a
 * board may bear is no danger to them, and while they tell that they are below a limit of theirs their board is too.
 */
function merged(firm: RigLimits, learned: RigLimits, chipTold: boolean): RigLimits {
  if (!firm.chip && !firm.board) return learned;
  if (firm.board) return learned.chip ? { chip: atLeast(learned.chip, firm.board), board: firm.board } : firm;
  return learned.board && !chipTold ? { ...firm, board: learned.board } : firm;
}

const atLeast = (chip: Limit, { limitC }: Limit): Limit =>
  chip.limitC >= limitC
    ? chip
    : {
        ...chip,
        limitC,
        source: `${chip.source}; at least the limit of its board, ${limitC} °C`,
        name: "limit of its board",
      };
