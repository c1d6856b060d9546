import { readText } from "../replies/readNumber.js";
import type { Row } from "../replies/reply.js";

/** What a Bitmain model hashes, and what its `GHS …` keys count; `toThs` is absent where the figures are no hashes a second. */
export interface BitmainAlgo {
  algo: string;
  toThs?: number;
}

const GH = 1e-3;
const MH = 1e-6;
/** Models by the letters of their names, after Bitmain's naming. The label `GHS` stands on all of them, whatever it counts. */
const ALGOS: readonly (readonly [RegExp, string, number | undefined])[] = [
  [/^(?:s|t|r4|v9)/i, "SHA256", GH],
  [/^l\d/i, "Scrypt", MH],
  [/^dr\d/i, "Blake256", GH],
  [/^d[35]\b/i, "X11", MH],
  [/^d\d/i, "X11", GH],
  // Solutions, not hashes.
  [/^z\d/i, "Equihash", undefined],
  [/^a3/i, "Blake2b", GH],
  [/^e\d/i, "Ethash", MH],
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

/** The algorithm of an Antminer by its name; undefined for one whose letters are not known. */
export function algoOf(model: string | undefined): BitmainAlgo | undefined {
  const name = /^antminer\s+(\S.*)$/i.exec(model ?? "")?.[1];
  if (name === undefined) return undefined;
  const row = ALGOS.find(([letters]) => letters.test(name));
  return row && (row[2] === undefined ? { algo: row[1] } : { algo: row[1], toThs: row[2] });
}

/** TH/s of one unit of the rates in `stats`: what the rig says itself goes before what its model is known for. */
export function unitOf(stats: Row | undefined, known: BitmainAlgo | undefined): number | undefined {
  const said = readText(stats?.rate_unit, 16)?.replace(/\/?s$/i, "").toUpperCase();
  if (said === undefined || known === undefined) return known?.toThs;
  // An Equihash rig that says `GH` says what it says on every key.
  return known.toThs === undefined
    ? undefined
    : (UNITS[said] ?? (said.includes("SOL") ? undefined : known.toThs));
}
