import { readNumber, readPositive, readText } from "../replies/readNumber.js";
import type { Row } from "../replies/reply.js";

/** What a Bitmain model hashes, and what its `GHS …` keys count; `toThs` is absent where the figures are no hashes a second. */
export interface BitmainAlgo {
  algo: string;
  toThs?: number;
  /**
   * Some models count GH/s under keys that others fill with MH/s. Below this figure it is GH/s, since no rig of the algorithm
   * hashes so little in MH/s once it is warm; and none reaches it in GH/s.
   */
  ghsBelow?: number;
}

const GH = 1e-3;
const MH = 1e-6;
/** Models by the letters of their names, after Bitmain's naming. The label `GHS` stands on all of them, whatever it counts. */
const ALGOS: readonly (readonly [RegExp, string, number | undefined, ghsBelow?: number])[] = [
  [/^(?:s|t|r4|v9)/i, "SHA256", GH],
  // L3+ and L7 count MH/s, L9 and L11 GH/s (asic-rs, telemetry of stock firmware).
  [/^l\d/i, "Scrypt", MH, 100],
  [/^dr\d/i, "Blake256", GH],
  // D3 17,500 MH/s, D9 1,770 GH/s.
  [/^d[35]\b/i, "X11", MH, 10_000],
  [/^d\d/i, "X11", GH, 10_000],
  // Solutions, not hashes.
  [/^z\d/i, "Equihash", undefined],
  [/^a3/i, "Blake2b", GH],
  [/^e\d/i, "Ethash", MH, 100],
  [/^ka\d/i, "Blake2s", GH],
  [/^ks\d/i, "kHeavyHash", GH],
  [/^k\d/i, "Eaglesong", GH],
  [/^hs\d/i, "Handshake", GH],
  [/^b\d/i, "Tensority", undefined],
  [/^x3/i, "CryptoNight", undefined],
  [/^x5/i, "RandomX", undefined],
];

/** `rate_unit` of newer builds. */
const UNITS: Record<string, number> = { TH: 1, GH, MH, KH: 1e-9, H: 1e-12 };

/** Models that were looked up: every reading asks for its own. What hostile rigs invent without an end must not pile up. */
const known = new Map<string, BitmainAlgo | undefined>();
const MOST_KNOWN = 256;

/** The algorithm of an Antminer by its name, `Antminer S19` or `S19`; undefined for one whose letters are not known. */
export function algoOf(model: string | undefined): BitmainAlgo | undefined {
  if (model === undefined) return undefined;
  const found = known.get(model);
  if (found !== undefined || known.has(model)) return found;
  if (known.size >= MOST_KNOWN) known.clear();
  const algo = lookedUp(model);
  known.set(model, algo);
  return algo;
}

function lookedUp(model: string): BitmainAlgo | undefined {
  const name = /^(?:antminer\s+(?=\S)|(?=[a-z]{1,2}\d))(.*)$/i.exec(model)?.[1];
  if (name === undefined) return undefined;
  const row = ALGOS.find(([letters]) => letters.test(name));
  if (!row) return undefined;
  const [, algo, toThs, ghsBelow] = row;
  return { algo, ...(toThs !== undefined && { toThs }), ...(ghsBelow !== undefined && { ghsBelow }) };
}

/** TH/s of one unit of the rates in `stats`: what the rig says itself goes before what its model is known for. */
export function unitOf(stats: Row | undefined, known: BitmainAlgo | undefined): number | undefined {
  const said = readText(stats?.rate_unit, 16)?.replace(/\/?s$/i, "").toUpperCase();
  if (known?.ghsBelow !== undefined) {
    const told = stats && unitByFigures(stats, known.ghsBelow);
    if (told !== undefined) return told;
  }
  if (said === undefined || known === undefined) return known?.toThs;
  // An Equihash rig that says `GH` says what it says on every key.
  return known.toThs === undefined
    ? undefined
    : (UNITS[said] ?? (said.includes("SOL") ? undefined : known.toThs));
}

/** The unit of the rig's rates by how large they are; undefined where they do not tell. */
function unitByFigures(row: Row, ghsBelow: number): number | undefined {
  const rates = ["GHS 5s", "GHS av", "rate_5s", "rate_avg"].map((key) => readNumber(row[key]) ?? 0);
  const most = Math.max(...rates);
  if (most >= ghsBelow) return MH;
  const ideal = readPositive(row.total_rateideal) ?? readPositive(row.rate_ideal);
  if (ideal === undefined) return undefined;
  if (ideal < ghsBelow) return GH;
  // Rated in MH/s: a rig that warms up, unless the figure is that rating in GH/s.
  const share = (1_000 * most) / ideal;
  return share >= 0.2 && share <= 3 ? GH : MH;
}

/** TH/s of one unit of what a rig is rated for, which some builds tell in another unit than what it does. */
export const unitOfRating = (
  ideal: number,
  row: Row | undefined,
  known: BitmainAlgo | undefined,
): number | undefined =>
  known?.ghsBelow === undefined ? unitOf(row, known) : ideal < known.ghsBelow ? GH : MH;

/** TH/s of one unit of `chain_rate…`, whose sum is what the rig hashes: in the rig's own unit, or in the one beside it. */
export function unitOfBoards(row: Row, toThs: number, wholeThs: number): number {
  let sum = 0;
  for (let n = 1; n <= 16; n++) sum += readPositive(row[`chain_rate${n}`]) ?? 0;
  const near = (unit: number) => sum * unit >= 0.5 * wholeThs && sum * unit <= 2 * wholeThs;
  return [toThs, toThs * 1e3, toThs / 1e3].find(near) ?? toThs;
}
