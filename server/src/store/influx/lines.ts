import type { Board, Shares } from "@hashwatt/protocol/sample";
import { slowestFan } from "../rawRow.js";
import type { StoredSample } from "../store.js";
import { BOARD, RIG, rigTag } from "./fields.js";
import type { LineSink } from "./lineText.js";

/** What the text of a field must not hold as it is; a line ends with its line break, wherever that stands. */
const SPECIAL = /["\\\r\n]/;

/** A text as the value of a field. Line breaks become spaces. */
export function textField(text: string): string {
  if (!SPECIAL.test(text)) return `"${text}"`;
  return `"${text.replace(/[\r\n]+/g, " ").replace(/["\\]/g, "\\$&")}"`;
}

/**
 * Adds the lines of a stored sample: one of the reading, and one for each board. All numbers are floats, so that no field can
 * ever come in two types; what is not reported is no field. Times are in ms.
 */
export function addLines(
  { rig, site, receivedMs, sample, slowestFanRpm }: StoredSample,
  lines: LineSink,
): void {
  const { atMs, shares, fansRpm, boards, faults } = sample;
  const tags = site === undefined ? `rig=${rigTag(rig)}` : `rig=${rigTag(rig)},site=${site}`;
  let line = `${RIG},${tags} status="${sample.status}",intervalMs=${sample.intervalMs},lagMs=${receivedMs - atMs}`;
  line += numbersOf(sample);
  if (shares) line += sharesOf(shares);
  line += textsOf(sample);
  const slowest = slowestFanRpm ?? slowestFan(fansRpm);
  if (slowest !== null) line += `,fanRpm=${slowest}`;
  if (fansRpm) {
    for (let place = 0; place < fansRpm.length; place++) line += `,fan${place}=${fansRpm[place]}`;
  }
  if (faults?.length) line += `,faults=${textField(JSON.stringify(faults))}`;
  lines.push(`${line} ${atMs}`);
  if (boards) for (const board of boards) lines.push(boardLine(tags, board, atMs));
}

// Field by field, for a loop over their names takes twice the time, and this is done for every reading of every rig.

function numbersOf(sample: StoredSample["sample"]): string {
  let fields = "";
  if (sample.pollMs !== undefined) fields += `,pollMs=${sample.pollMs}`;
  if (sample.hashrateThs !== undefined) fields += `,hashrateThs=${sample.hashrateThs}`;
  if (sample.hashrateWindowS !== undefined) fields += `,hashrateWindowS=${sample.hashrateWindowS}`;
  if (sample.hashrateAvgThs !== undefined) fields += `,hashrateAvgThs=${sample.hashrateAvgThs}`;
  if (sample.targetThs !== undefined) fields += `,targetThs=${sample.targetThs}`;
  if (sample.powerW !== undefined) fields += `,powerW=${sample.powerW}`;
  if (sample.powerLimitW !== undefined) fields += `,powerLimitW=${sample.powerLimitW}`;
  if (sample.inletTempC !== undefined) fields += `,inletTempC=${sample.inletTempC}`;
  if (sample.outletTempC !== undefined) fields += `,outletTempC=${sample.outletTempC}`;
  if (sample.coolantTempC !== undefined) fields += `,coolantTempC=${sample.coolantTempC}`;
  if (sample.psuTempC !== undefined) fields += `,psuTempC=${sample.psuTempC}`;
  if (sample.boardTempC !== undefined) fields += `,boardTempC=${sample.boardTempC}`;
  if (sample.chipTempC !== undefined) fields += `,chipTempC=${sample.chipTempC}`;
  if (sample.boardLimitC !== undefined) fields += `,boardLimitC=${sample.boardLimitC}`;
  if (sample.chipLimitC !== undefined) fields += `,chipLimitC=${sample.chipLimitC}`;
  if (sample.fanDutyRatio !== undefined) fields += `,fanDutyRatio=${sample.fanDutyRatio}`;
  if (sample.uptimeS !== undefined) fields += `,uptimeS=${sample.uptimeS}`;
  return fields;
}

function sharesOf(shares: Shares): string {
  let fields = "";
  if (shares.accepted !== undefined) fields += `,accepted=${shares.accepted}`;
  if (shares.rejected !== undefined) fields += `,rejected=${shares.rejected}`;
  if (shares.stale !== undefined) fields += `,stale=${shares.stale}`;
  if (shares.acceptedDiff !== undefined) fields += `,acceptedDiff=${shares.acceptedDiff}`;
  if (shares.rejectedDiff !== undefined) fields += `,rejectedDiff=${shares.rejectedDiff}`;
  return fields;
}

function textsOf(sample: StoredSample["sample"]): string {
  let fields = "";
  if (sample.algo !== undefined) fields += `,algo=${textField(sample.algo)}`;
  if (sample.powerSource !== undefined) fields += `,powerSource=${textField(sample.powerSource)}`;
  if (sample.powerMode !== undefined) fields += `,powerMode=${textField(sample.powerMode)}`;
  if (sample.pool !== undefined) fields += `,pool=${textField(sample.pool)}`;
  if (sample.clock !== undefined) fields += `,clock=${textField(sample.clock)}`;
  return fields;
}

/** The line of a board, which has at least its slot. */
/** `slot` is a field beside the tag `board`, so that every board has one at least. */
function boardLine(tags: string, board: Board, atMs: number): string {
  let line = `${BOARD},board=${board.slot},${tags} slot=${board.slot}`;
  if (board.hashrateThs !== undefined) line += `,hashrateThs=${board.hashrateThs}`;
  if (board.boardTempC !== undefined) line += `,boardTempC=${board.boardTempC}`;
  if (board.chipTempC !== undefined) line += `,chipTempC=${board.chipTempC}`;
  if (board.chips !== undefined) line += `,chips=${board.chips}`;
  if (board.chipsExpected !== undefined) line += `,chipsExpected=${board.chipsExpected}`;
  if (board.hwErrors !== undefined) line += `,hwErrors=${board.hwErrors}`;
  if (board.frequencyMHz !== undefined) line += `,frequencyMHz=${board.frequencyMHz}`;
  if (board.voltageV !== undefined) line += `,voltageV=${board.voltageV}`;
  return `${line} ${atMs}`;
}

/** How many lines a sample makes. */
export const lineCount = ({ sample }: StoredSample): number => 1 + (sample.boards?.length ?? 0);
