import type { Board } from "@hashwatt/protocol/sample";
import { slowestFan } from "../rawRow.js";
import type { StoredSample } from "../store.js";
import { BOARD, BOARD_NUMBERS, FANS, NUMBERS, RIG, rigTag, SHARES, TEXTS } from "./fields.js";

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
  lines: string[],
): void {
  const { atMs, shares, fansRpm, boards, faults } = sample;
  const tags = site === undefined ? `rig=${rigTag(rig)}` : `rig=${rigTag(rig)},site=${site}`;
  let line = `${RIG},${tags} status="${sample.status}",intervalMs=${sample.intervalMs},lagMs=${receivedMs - atMs}`;
  for (const name of NUMBERS) {
    const value = sample[name];
    if (value !== undefined) line += `,${name}=${value}`;
  }
  if (shares)
    for (const name of SHARES) {
      const value = shares[name];
      if (value !== undefined) line += `,${name}=${value}`;
    }
  for (const name of TEXTS) {
    const value = sample[name];
    if (value !== undefined) line += `,${name}=${textField(value)}`;
  }
  const slowest = slowestFanRpm ?? slowestFan(fansRpm);
  if (slowest !== null) line += `,fanRpm=${slowest}`;
  if (fansRpm)
    for (let place = 0; place < fansRpm.length; place++) line += `,${FANS[place]}=${fansRpm[place]}`;
  if (faults?.length) line += `,faults=${textField(JSON.stringify(faults))}`;
  lines.push(`${line} ${atMs}`);
  if (boards) for (const board of boards) lines.push(boardLine(tags, board, atMs));
}

function boardLine(tags: string, board: Board, atMs: number): string {
  let fields = "";
  for (const name of BOARD_NUMBERS) {
    const value = board[name];
    if (value !== undefined) fields += fields === "" ? `${name}=${value}` : `,${name}=${value}`;
  }
  return `${BOARD},board=${board.slot},${tags} ${fields} ${atMs}`;
}

/** How many lines a sample makes. */
export const lineCount = ({ sample }: StoredSample): number => 1 + (sample.boards?.length ?? 0);
