import { joined, type Row, refusal, rendered, type Section } from "./reply.js";
import { parseRequest, splitJoined } from "./request.js";
import type { Answer } from "./speaker.js";

/** In what builds of the cgminer API differ. */
export interface CgminerWays {
  /** `Description` of every status. */
  description: string;
  whenS: number;
  /** undefined: the build has never heard of the command. */
  section(command: string, parameter: string | undefined): Section | undefined;
  /** Commands that the build knows and lets nobody use. */
  denied?: ReadonlySet<string>;
  /** `a+b` is a command that nobody has heard of. */
  joinsNot?: true;
  /** Replies end without the NUL. */
  sendsNoNul?: true;
  /** Knows no JSON: everything is a word of the text form. */
  textOnly?: true;
}

/** A list of one command, as it is answered when all is well. */
export const listed = (
  ways: { description: string },
  code: number,
  message: string,
  key: string,
  rows: Row[],
): Section => ({
  status: { letter: "S", code, message, description: ways.description },
  list: { key, rows },
});

/** The key under which a request names its command. */
const KEYS = ["command"];

/** Answers one request as cgminer does: JSON or text, joined or single, E 14, 23, 24 and 45 where they belong. */
export function cgminerAnswer(request: Buffer, ways: CgminerWays): Answer {
  const { description, whenS } = ways;
  const end = ways.sendsNoNul ? "" : "\0";
  const closed = (command: string, text: string): Answer => ({
    command,
    bytes: Buffer.from(`${text}${end}`, "utf8"),
  });
  const invalid = refusal(14, "Invalid command", description);
  const one = (command: string, parameter?: string): Section =>
    ways.section(command, parameter) ??
    (ways.denied?.has(command) ? refusal(45, `Access denied to '${command}' command`, description) : invalid);
  const asked = parseRequest(request, KEYS);
  if (ways.textOnly && !(asked.kind === "command" && asked.form === "text"))
    return closed("", rendered(invalid, "text", whenS));
  switch (asked.kind) {
    case "silent":
      return closed("", rendered(invalid, "text", whenS));
    case "invalid-json":
      return closed("", rendered(refusal(23, "Invalid JSON", description), "json", whenS));
    case "missing-command":
      return closed("", rendered(refusal(24, "Missing JSON 'command'", description), "json", whenS));
    case "command": {
      const { command, form, parameter } = asked;
      if (!command.includes("+") || ways.joinsNot)
        return closed(command, rendered(one(command, parameter), form, whenS));
      const sections = splitJoined(command).map((part): [string, Section] => [part, one(part)]);
      return closed(command, joined(sections, form, whenS));
    }
  }
}
