import { Composer, type Document, isMap, isScalar, isSeq, Lexer, LineCounter, Parser } from "yaml";
import type { FileProblems } from "./fileProblems.js";

/** Signs, words and line ends of one file: some 80,000 lines. Of nothing but brackets a parser would make gigabytes. */
const MOST_PARTS = 1_000_000;
/** Of what cannot be read so much is said back. */
const MOST_QUOTED = 100;

/** Where something is in a text, as the parser tells it. */
type Source = number | readonly number[] | { offset: number };

const offsetOf = (source: Source): number =>
  typeof source === "number" ? source : "offset" in source ? source.offset : source[0]!;

/**
 * Reads a YAML file of a stranger, in time that grows as its length does: `parseDocument` makes an error of every mistake, and compares
 * each key with all before it. What is wrong goes to `problems`, and the document is then not to be used. Throws as these do.
 */
export function readYaml(text: string, problems: FileProblems): { document: Document; lines: LineCounter } {
  const lines = new LineCounter();
  const wrong = (source: Source, message: string) =>
    problems.add(lines.linePos(offsetOf(source)).line, "", message.split("\n", 1)[0]!);
  const composer = new Composer({ uniqueKeys: false });
  // It would keep an error of each; those that it keeps all the same are told below.
  Object.assign(composer, {
    onError: (source: Source, _code: string, message: string, isWarning?: boolean) => {
      if (!isWarning) wrong(source, message);
    },
  });
  function* tokens() {
    const parser = new Parser(lines.addNewLine);
    lines.addNewLine(0);
    let parts = 0;
    for (const part of new Lexer().lex(text)) {
      if (++parts > MOST_PARTS)
        problems.end(lines.lineStarts.length, "is more than one file may hold: split it by site");
      yield* parser.next(part);
    }
    yield* parser.end();
  }
  function* sound() {
    for (const token of tokens())
      if (token.type === "error")
        wrong(token, `${token.message}: ${JSON.stringify(token.source.slice(0, MOST_QUOTED))}`);
      else yield token;
  }
  let document: Document | undefined;
  for (const each of composer.compose(sound(), true, text.length)) {
    if (document) {
      wrong(each.range, "a second document begins here (---); keep one");
      break;
    }
    document = each as Document;
  }
  for (const { pos, message } of document!.errors) wrong(pos, message);
  for (const at of repeatedKeys(document!.contents)) wrong(at, "Map keys must be unique");
  return { document: document!, lines };
}

/** Where a map has a key that it had already, in the order of the text. */
function* repeatedKeys(contents: unknown): Generator<number> {
  const found: number[] = [];
  const left: unknown[] = [contents];
  while (left.length) {
    const node = left.pop();
    if (isSeq(node)) for (const each of node.items) left.push(each);
    if (!isMap(node)) continue;
    const seen = new Set<unknown>();
    for (const { key, value } of node.items) {
      left.push(key, value);
      if (!isScalar(key)) continue;
      if (seen.has(key.value)) found.push(key.range?.[0] ?? 0);
      seen.add(key.value);
    }
  }
  yield* found.sort((a, b) => a - b);
}
