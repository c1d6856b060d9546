import type { ThermalLimitRow } from "../bundledData.js";

/** Tools by a word of their repository, where that is not their name. */
const TOOLS: readonly [RegExp, string][] = [
  [/miningos/, "MiningOS"],
  [/proto-fleet/, "Proto Fleet"],
];

/** A row's source in a few words, by its confidence: "firmware constant of Bitmain stock bmminer", "default of MiningOS". */
export function sourceName({ confidence, firmware, source }: ThermalLimitRow): string {
  switch (confidence) {
    case "firmware-source":
      return `firmware constant of ${plain(firmware)}`;
    case "vendor-doc":
      return `vendor document of ${plain(firmware)}`;
    case "other-tool-default":
      return `default of ${TOOLS.find(([word]) => word.test(source))?.[1] ?? projectOf(source)}`;
    case "community":
      return `report by ${/^[^\s"/]+/.exec(source)?.[0] ?? "users"}`;
  }
}

/** A firmware without the years and remarks that its row adds to the name. */
const plain = (firmware: string): string => firmware.replace(/\s*\([^)]*\)|\s+\d{4}(-\d{4})?$/g, "").trim();

/** The project of `owner/project path …`; the whole where it has no such form. */
const projectOf = (source: string): string => /^[^\s/]+\/(\S+)/.exec(source)?.[1] ?? source;
