import type { Evidence } from "@hashwatt/protocol/sample";
import type { Limit, RigLimits, RigView } from "../fleet/rigView.js";
import type { RigRecord } from "../store/state/state.js";
import { Baselines } from "./baseline.js";
import type { ThermalTable } from "./thermalTable.js";

const STATED = { source: "rig (stated by its firmware)", name: "stated by the rig's firmware" };

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

  /** Limits of a rig as its view stands, for its caller to keep in `view.limits`. Learns from it when nothing better than a baseline is known. */
  of(view: RigView, nowMs: number): RigLimits {
    const { reading, record, rig, limitBasis: basis } = view;
    if (
      !basis ||
      basis.evidence !== record.evidence ||
      basis.chipLimitC !== reading?.chipLimitC ||
      basis.boardLimitC !== reading?.boardLimitC
    )
      return this.#lookUp(view, nowMs);
    if (!basis.learning) return view.limits;
    if (reading?.status !== "mining") return this.#baselines.limits(rig);
    const { chipTempC, boardTempC } = reading;
    return this.#baselines.learn(
      rig,
      {
        ...(chipTempC !== undefined && { chip: chipTempC }),
        ...(boardTempC !== undefined && { board: boardTempC }),
      },
      nowMs,
      () => this.#amongOf(record),
    );
  }

  /** Whether a rig so described is judged by itself, as far as the description tells. */
  learnsFrom(evidence: Evidence): boolean {
    const { chip, board } = this.#table.limits(evidence);
    return !chip && !board;
  }

  /** Teaches a rig's baseline from history, so that a restart does not begin to learn anew. */
  learn(rig: number, temps: { chip?: number; board?: number }, atMs: number): void {
    this.#baselines.learn(rig, temps, atMs);
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

  #lookUp(view: RigView, nowMs: number): RigLimits {
    const { reading, record } = view;
    const { chipLimitC, boardLimitC } = reading ?? {};
    const sourced = this.#table.limits(record.evidence);
    const stated = (limitC: number | undefined): Limit | undefined =>
      limitC === undefined ? undefined : { limitC, ...STATED };
    const chip = stated(chipLimitC) ?? sourced.chip;
    const board = stated(boardLimitC) ?? sourced.board;
    const learning = !chip && !board;
    view.limitBasis = { evidence: record.evidence, chipLimitC, boardLimitC, learning };
    if (learning) return this.of(view, nowMs);
    // Nothing stated: rigs of one kind share the table's own object.
    if (chipLimitC === undefined && boardLimitC === undefined) return sourced;
    return { ...(chip && { chip }), ...(board && { board }) };
  }
}
