import { readNumber, readText } from "../replies/readNumber.js";
import type { Row } from "../replies/reply.js";

/** What the first word of `Ver`, or `MODEL`, says: the model, and what the bin is rated for in TH/s. */
export interface AvalonModel {
  model: string | undefined;
  ratedThs: number | undefined;
  /** Date and commits of the firmware. */
  firmware: string | undefined;
  /** The generation up to 2019 (7xx to 9xx), whose error bits mean something else. */
  isOld: boolean;
}

/** Models whose `Ver` names the series alone: `15-194` is an A1566 binned at 194 TH/s. */
const SERIES: Record<string, string> = { "15": "1566" };

/**
 * Reads `Ver`: `7411706-3162860` (741), `1066-19101244_fe411a8`, `1126Pro-S-64-21072803_…` (64 TH/s), `15-194-24102401_…`,
 * `Q-25052801_…`, `Nano3s-25021401_…`.
 */
export function readVersion(ver: string | undefined): AvalonModel {
  const key = ver ?? "";
  let model = known.get(key);
  if (!model) {
    model = parseVersion(ver);
    if (known.size < MAX_KNOWN) known.set(key, model);
  }
  return model;
}

/** Versions that came up before: a fleet has few, each reading asks for one, and what a hostile rig invents must not pile up. */
const known = new Map<string, AvalonModel>();
const MAX_KNOWN = 1_000;

function parseVersion(ver: string | undefined): AvalonModel {
  const old = /^(\d{3})\d{4}-(\w+)/.exec(ver ?? "");
  if (old) return { model: `Avalon ${old[1]}`, ratedThs: undefined, firmware: ver, isOld: true };
  const [first = "", ...rest] = (ver ?? "").split("-");
  const dated = rest.findIndex((word) => /^\d{8}/.test(word));
  const between = dated < 0 ? [] : rest.slice(0, dated);
  const bin = between.map(readNumber).find((ths) => ths !== undefined && ths >= 10 && ths <= 999);
  return {
    model: modelOf(first),
    ratedThs: bin,
    firmware: dated < 0 ? undefined : rest.slice(dated).join("-"),
    isOld: false,
  };
}

/** A model as `version` names it, where `Ver` does not: `PROD` "AvalonMiner 1246", "Avalon Q"; `MODEL` "15-194", "Nano3s". */
export function readProduct(row: Row | undefined): string | undefined {
  for (const value of [row?.MODEL, row?.PROD]) {
    const words = readText(value, 60)?.replace(/^avalon(?:miner)?\s*/i, "");
    const model = words && modelOf(words.split("-")[0]!.trim());
    if (model) return model;
  }
  const prod = readText(row?.PROD, 60);
  return prod && /avalon/i.test(prod) ? prod : undefined;
}

function modelOf(word: string): string | undefined {
  const home = /^(nano|mini)\s?(\d\w?)$/i.exec(word);
  if (home)
    return `Avalon ${home[1]![0]!.toUpperCase()}${home[1]!.slice(1).toLowerCase()} ${home[2]!.toLowerCase()}`;
  if (/^q$/i.test(word)) return "Avalon Q";
  const series = SERIES[word];
  if (series) return `Avalon ${series}`;
  const number = /^A?(\d{3,4})\s?([A-Za-z]{0,4})$/.exec(word);
  if (number && /\d/.test(number[1]!)) return `Avalon ${number[1]}${number[2] ? ` ${number[2]}` : ""}`;
  const family = /^A?(\d{2})([A-Za-z]{0,3})$/.exec(word);
  return family ? `Avalon A${family[1]}${family[2]}` : undefined;
}

/** Names of `WORKMODE` by model, as their makers' apps and manual have them. */
const MODES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/ Nano /, ["low", "medium", "high"]],
  [/ Q$/, ["eco", "standard", "super"]],
  [/ \d{4}/, ["normal", "high"]],
];

/** The power mode by its number; a number that nobody has named stays one. */
export function modeName(model: string | undefined, mode: number | undefined): string | undefined {
  if (mode === undefined) return undefined;
  const names = MODES.find(([pattern]) => pattern.test(model ?? ""))?.[1];
  return names?.[mode] ?? `mode ${mode}`;
}
