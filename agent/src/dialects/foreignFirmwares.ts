/**
 * Firmwares that keep strings of the one they replaced, so that a stock dialect must not claim what bears one of their marks.
 * After the identification table of the vendor dialects; the words are looked for in lower case in all that the rig said.
 */
const MARKS = [
  [/vnish|anthill/, "VNish"],
  [/bosminer|\bboser\b|braiins|\bbos_[a-z]+\d/, "Braiins OS"],
  [/luxminer|luxos/, "LuxOS"],
  [/hiveon/, "Hiveon"],
  [/kaonsu/, "Marathon MaraFW"],
  [/rwglr/, "MSK"],
  [/avalon/, "Canaan Avalon"],
  [/gcminer|fluxos/, "Auradine"],
  [/bdminer/, "SealMiner"],
  [/innominer/, "Innosilicon"],
  [/intchains_qomo|kdaminer/, "Goldshell"],
  [/ccminer/, "a ccminer firmware (Hammer, VolcMiner)"],
  [/sgminer/, "sgminer"],
  [/cpuminer/, "cpuminer (BW)"],
  [/bfgminer/, "bfgminer"],
] as const satisfies readonly (readonly [RegExp, string])[];

/** Name of a firmware whose marks are known. */
export type ForeignFirmware = (typeof MARKS)[number][1];

/** The name of a firmware that is not the maker's own, by its marks in `text` (lower case); undefined when it bears none. */
export function foreignFirmware(text: string): ForeignFirmware | undefined {
  for (const [mark, name] of MARKS) if (mark.test(text)) return name;
  return undefined;
}
