import { asText, readNumber, readText } from "../replies/readNumber.js";
import type { Reply, Row } from "../replies/reply.js";
import { rowsOf } from "../replies/reply.js";

/**
 * One MM module of an Avalon: `Key[value]` tokens out of the one long text under `MM ID0`. A value is text, several numbers
 * in a row are a list, and -273 is a sensor that is not there.
 */
export class AvalonModule {
  constructor(
    /** The number behind `MM ID`. */
    readonly id: number,
    private readonly tokens: ReadonlyMap<string, string>,
    /** Chip lists of newer models, one map of tokens for each board. */
    private readonly boards: readonly ReadonlyMap<string, string>[],
  ) {}

  has(key: string): boolean {
    return this.tokens.has(key);
  }

  text(key: string, max = 200): string | undefined {
    return readText(this.tokens.get(key), max);
  }

  /** A single number, also with a unit (`55%`). */
  number(key: string): number | undefined {
    return readNumber(this.tokens.get(key)?.trim());
  }

  /** The numbers of a list, undefined at the place of what is none; an empty list without the token. */
  list(key: string): (number | undefined)[] {
    return split(this.tokens.get(key)).map(readNumber);
  }

  /** The words of a list. */
  words(key: string): string[] {
    return split(this.tokens.get(key));
  }

  /** A list with one number for each chip of a board: °C (`PVT_T`), which newer models keep apart by board. */
  chipTemps(board: number): (number | undefined)[] {
    return split(this.chipList("PVT_T", board)).map(readNumber);
  }

  /** How many chips such a list has, `PVT_T` or work done (`MW`), without those whose sensor is not there. */
  chipCount(key: "PVT_T" | "MW", board: number): number {
    return countWords(this.chipList(key, board));
  }

  private chipList(key: "PVT_T" | "MW", board: number): string | undefined {
    const own = this.boards[board];
    return own?.get(`${key}${board}`) ?? own?.get(`${key}0`) ?? this.tokens.get(`${key}${board}`);
  }

  /** How many boards have chip lists, counted up to the first that has none. */
  boardsWithChips(): number {
    if (this.boards.length) return this.boards.length;
    if (this.chipBoards === undefined) {
      let count = 0;
      while (count < 32 && (this.has(`PVT_T${count}`) || this.has(`MW${count}`))) count++;
      this.chipBoards = count;
    }
    return this.chipBoards;
  }
  private chipBoards: number | undefined;
}

const split = (text: string | undefined): string[] => text?.split(/\s+/).filter(Boolean) ?? [];

/** Words of a list that are no -273. To split hundreds of them costs more than all else of a reading. */
function countWords(text: string | undefined): number {
  if (text === undefined) return 0;
  let count = 0;
  let isBlank = true;
  for (let at = 0; at < text.length; at++) {
    const blank = text.charCodeAt(at) <= 32;
    if (isBlank && !blank && !text.startsWith(ABSENT, at)) count++;
    isBlank = blank;
  }
  return count;
}

const ABSENT = "-273";

const MODULE = /^MM ID(\d{1,3})(?::Summary)?$/;

/** What was taken apart last: a reading asks for the modules of one reply several times. */
const known = new WeakMap<Reply, AvalonModule[]>();

/**
 * The modules of a `stats`, `estats` or `litestats` reply by number; an empty list when it has none. A proxy may have taken
 * the text apart into an object already.
 */
export function modulesOf(reply: Reply | undefined): AvalonModule[] {
  if (!reply) return [];
  const before = known.get(reply);
  if (before) return before;
  const modules = readModules(reply);
  known.set(reply, modules);
  return modules;
}

function readModules(reply: Reply): AvalonModule[] {
  const found: [number, ReadonlyMap<string, string>, ReadonlyMap<string, string>[]][] = [];
  for (const row of rowsOf(reply, "STATS") ?? []) {
    for (const key in row) {
      const id = MODULE.exec(key)?.[1];
      const tokens = id === undefined ? undefined : tokensOf(row[key]);
      if (tokens?.size) found.push([Number(id), tokens, boardsOf(row.HBinfo)]);
    }
  }
  // Each converter of a controller counts its modules from 1.
  const isUnique = new Set(found.map(([id]) => id)).size === found.length;
  return found
    .map(([id, tokens, boards], i) => new AvalonModule(isUnique ? id : i + 1, tokens, boards))
    .sort((a, b) => a.id - b.id);
}

/** Whether a reply has a module at all; costs less than taking it apart. */
export const hasModules = (reply: Reply | undefined): boolean =>
  (rowsOf(reply, "STATS") ?? []).some((row) =>
    Object.keys(row).some((key) => MODULE.test(key) && row[key] !== ""),
  );

function tokensOf(value: unknown): Map<string, string> | undefined {
  const tokens = new Map<string, string>();
  if (typeof value === "string") {
    readTokens(value, tokens);
  } else if (isRow(value)) {
    const inner = isRow(value.STATS) ? value.STATS : value;
    for (const [key, item] of Object.entries(inner))
      if (typeof item !== "object" || Array.isArray(item))
        tokens.set(key, Array.isArray(item) ? item.map(asText).join(" ") : asText(item));
  }
  return tokens;
}

/** Reads `Key[value]` by its brackets; of a key that is told twice the first value counts. */
function readTokens(text: string, tokens: Map<string, string>): void {
  for (let open = text.indexOf("["); open >= 0; ) {
    const close = text.indexOf("]", open);
    if (close < 0) return;
    let from = open;
    while (from > 0 && isWord(text.charCodeAt(from - 1))) from--;
    const key = text.slice(from, open);
    if (key && !tokens.has(key)) tokens.set(key, text.slice(open + 1, close));
    open = text.indexOf("[", close);
  }
}

/** Letter, digit or underscore. */
const isWord = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;

/** `'HB0':{PVT_T0[…] MW0[…]} 'HB1':{…}` as tokens of each board. */
function boardsOf(value: unknown): Map<string, string>[] {
  const boards: Map<string, string>[] = [];
  if (typeof value === "string") {
    for (const part of value.split(/'HB\d{1,2}':\{/).slice(1)) {
      const end = part.indexOf("}");
      boards.push(tokensOf(end < 0 ? part : part.slice(0, end))!);
    }
  } else if (isRow(value)) for (const item of Object.values(value)) boards.push(tokensOf(item)!);
  return boards.slice(0, 32);
}

const isRow = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value);
