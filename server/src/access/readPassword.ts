import { createInterface } from "node:readline/promises";
import type { ReadStream } from "node:tty";
import { passwordProblem } from "../config/exposure.js";
import { ServerError } from "../error.js";
import { looksHashed } from "./passwordHash.js";

/**
 * Reads a password: the first line of a pipe, or typed twice at a terminal, where it is not shown. Throws ServerError
 * `config` for one that will not do; the message holds nothing of it.
 */
export async function readPassword(input: NodeJS.ReadStream, prompts: NodeJS.WriteStream): Promise<string> {
  const password = input.isTTY ? await typedTwice(input, prompts) : await firstLine(input);
  const problem = looksHashed(password) ? "is a hash already" : passwordProblem(password);
  if (problem !== undefined) throw new ServerError("config", `the password ${problem}`);
  return password;
}

async function firstLine(input: NodeJS.ReadStream): Promise<string> {
  for await (const line of createInterface({ input })) return line;
  return "";
}

async function typedTwice(input: ReadStream, prompts: NodeJS.WriteStream): Promise<string> {
  input.setRawMode(true);
  const keys = keysOf(input);
  try {
    const password = await typed(keys, prompts, "Password: ");
    if ((await typed(keys, prompts, "Once more: ")) === password) return password;
  } finally {
    input.setRawMode(false);
    input.pause();
  }
  throw new ServerError("config", "the two passwords differ; try again");
}

/** Keys as a terminal in raw mode gives them; Ctrl-D ends a line as Enter does. */
const ENTER = "\r\n\u0004";
const CTRL_C = "\u0003";
const BACKSPACE = "\b\u007f";

/** One key after the other, several of which may come at once when they are pasted. */
async function* keysOf(input: ReadStream): AsyncGenerator<string, undefined> {
  for await (const data of input as AsyncIterable<Buffer>) yield* data.toString();
}

async function typed(
  keys: AsyncGenerator<string, undefined>,
  prompts: NodeJS.WriteStream,
  prompt: string,
): Promise<string> {
  prompts.write(prompt);
  const letters: string[] = [];
  for (;;) {
    const { value: key = CTRL_C } = await keys.next();
    if (ENTER.includes(key) || key === CTRL_C) prompts.write("\n");
    if (key === CTRL_C) throw new ServerError("config", "no password was given");
    if (ENTER.includes(key)) return letters.join("");
    if (BACKSPACE.includes(key)) letters.pop();
    else letters.push(key);
  }
}
