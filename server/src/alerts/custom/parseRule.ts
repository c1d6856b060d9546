import { nearestName } from "../../config/nearestName.js";
import { NUMBER_FIELDS, TEXT_FIELDS } from "./fields.js";

/** One comparison of a rule. */
export type Condition =
  | { field: string; op: ">" | ">=" | "<" | "<=" | "=" | "!="; value: number }
  /** One of the words, in which `*` stands for anything; or none of them. */
  | { field: string; op: "=" | "!="; words: readonly string[] };

/** What a rule of the operator's own says: all its conditions hold, for so long, on rigs by these patterns (all where there are none). */
export interface CustomRule {
  conditions: readonly Condition[];
  holdMs: number;
  on: readonly string[];
}

/** Why a text is no rule: the message has the text, a caret below the place, and what was expected there. */
export class RuleSyntaxError extends Error {
  override readonly name = "RuleSyntaxError";

  constructor(
    text: string,
    /** From 0. */
    readonly column: number,
    expected: string,
  ) {
    super(`${text}\n${" ".repeat(column)}^ ${expected}`);
  }
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 7 * 86_400_000;
const MOST_CONDITIONS = 8;
const MOST_PATTERNS = 50;
const TOKEN = /\s*(?:(>=|<=|!=|>|<|=|,)|"([^"]*)"|([^\s,<>=!"]+))/y;

interface Token {
  text: string;
  column: number;
  quoted: boolean;
}

/**
 * Reads `chipTempC > 85 and powerW > 3000 for 2m on rack-3/*, r7`. Words: a field, a comparison (> >= < <= = !=), a number or, for
 * fields that are words, a word or "words", or several after commas, in which `*` stands for anything; `and` joins up to eight; `for` 30s, 5m, 2h, 1d; `on` patterns of rigs. Throws RuleSyntaxError.
 */
export function parseRule(text: string): CustomRule {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = (): Token | undefined => tokens[at];
  const fail = (expected: string, column = peek()?.column ?? text.length): never => {
    throw new RuleSyntaxError(text, column, expected);
  };
  const take = (expected: string): Token => {
    const token = tokens[at];
    if (!token) return fail(expected);
    at++;
    return token;
  };
  const isWord = (word: string): boolean => peek()?.quoted === false && peek()?.text === word;

  const conditions: Condition[] = [];
  do {
    if (conditions.length === MOST_CONDITIONS) fail(`at most ${MOST_CONDITIONS} conditions`);
    conditions.push(condition(take, fail, () => isSign(peek(), ",") && at++ >= 0));
  } while (isWord("and") && at++ >= 0);

  let holdMs = 0;
  if (isWord("for")) {
    at++;
    const span = take("a time is expected here, like 30s, 5m or 2h");
    const parts = /^(\d+(?:\.\d+)?)([smhd])$/.exec(span.text);
    if (!parts) return fail("is no time; write 30s, 5m, 2h or 1d", span.column);
    holdMs = Number(parts[1]) * UNITS[parts[2]!]!;
    if (holdMs > LONGEST_MS) fail("is longer than seven days", span.column);
  }
  const on: string[] = [];
  if (isWord("on")) {
    at++;
    do {
      if (on.length === MOST_PATTERNS) fail(`at most ${MOST_PATTERNS} patterns`);
      const pattern = take("rigs are expected here, like rack-3/*, r7 or a name in quotes");
      if (!pattern.quoted && /^(>=|<=|!=|[><=,])$/.test(pattern.text))
        fail("rigs are expected here, like rack-3/*", pattern.column);
      on.push(pattern.text);
    } while (isSign(peek(), ",") && at++ >= 0);
  }
  if (peek())
    fail(on.length || holdMs ? "nothing more is expected here" : 'expected "and", "for" or "on" here');
  return { conditions, holdMs, on };
}

const isSign = (token: Token | undefined, sign: string): boolean =>
  token?.quoted === false && token.text === sign;

function condition(
  take: (expected: string) => Token,
  fail: (expected: string, column?: number) => never,
  comma: () => boolean,
): Condition {
  const field = take("a field is expected here, like chipTempC");
  const isNumber = Object.hasOwn(NUMBER_FIELDS, field.text);
  if (!isNumber && !Object.hasOwn(TEXT_FIELDS, field.text)) {
    const known = [...Object.keys(NUMBER_FIELDS), ...Object.keys(TEXT_FIELDS)];
    const near = nearestName(field.text, known);
    return fail(
      near ? `is no field; did you mean ${near}?` : "is no field; docs/alerts.md lists them",
      field.column,
    );
  }
  const op = take("a comparison is expected here: > >= < <= = !=");
  if (!/^(>=|<=|!=|>|<|=)$/.test(op.text) || op.quoted)
    return fail("a comparison is expected here: > >= < <= = !=", op.column);
  if (!isNumber && op.text !== "=" && op.text !== "!=")
    return fail(`${field.text} is a word: compare it by = or !=`, op.column);
  if (!isNumber) {
    const words: string[] = [];
    do {
      if (words.length === MOST_PATTERNS) fail(`at most ${MOST_PATTERNS} words`);
      const word = take("a word is expected here");
      if (!word.quoted && /^(>=|<=|!=|[><=,])$/.test(word.text)) fail("a word is expected here", word.column);
      words.push(word.text);
    } while (comma());
    return { field: field.text, op: op.text as "=", words };
  }
  const value = take("a number is expected here");
  if (value.quoted || !/^-?\d+(\.\d+)?$/.test(value.text))
    return fail("a number is expected here", value.column);
  return { field: field.text, op: op.text as ">", value: Number(value.text) };
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const from = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) {
      const column = from + /^\s*/.exec(text.slice(from))![0].length;
      throw new RuleSyntaxError(
        text,
        column,
        text[column] === '"' ? "the closing quote is missing" : "is not understood",
      );
    }
    const [whole, sign, quoted, word] = found;
    const body = sign ?? quoted ?? word!;
    const column = from + whole.length - body.length - (quoted === undefined ? 0 : 2);
    tokens.push({ text: body, column, quoted: quoted !== undefined });
  }
  return tokens;
}
