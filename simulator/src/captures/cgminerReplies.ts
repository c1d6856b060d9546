import { refusal, rendered } from "../speakers/reply.js";
import { parseRequest, splitJoined } from "../speakers/request.js";
import type { Answer } from "../speakers/speaker.js";
import { bytesOf, type Capture, type CapturedReply, replyNamed } from "./captureFile.js";

const NUL = Buffer.from([0]);
/** Both names of the key: a capture does not say which of them its rig understood. */
const KEYS = ["command", "cmd"];
const JOINED = "@multi:";

/**
 * A captured rig's cgminer API: gives back what was captured, byte by byte, and to everything else what cgminer says to a
 * command that it does not know. A rig that was captured in text form knows no JSON, as the builds before it was there.
 */
export function answerFrom(capture: Capture, request: Buffer, whenS: number): Answer {
  const isText = capture.transport === "cgminer-tcp-text";
  const parsed = parseRequest(request, KEYS);
  const end = capture.framing?.nul === false ? Buffer.alloc(0) : NUL;
  const close = (command: string, bytes: Buffer): Answer => ({ command, bytes: Buffer.concat([bytes, end]) });
  const refuse = (code: 14 | 23 | 24, message: string) =>
    close("", Buffer.from(rendered(refusal(code, message), isText ? "text" : "json", whenS)));
  if (parsed.kind === "silent") return { command: "", bytes: Buffer.alloc(0) };
  if (parsed.kind === "invalid-json") return refuse(23, "Invalid JSON");
  if (parsed.kind === "missing-command") return refuse(24, "Missing JSON 'command'");
  if (isText !== (parsed.form === "text")) return refuse(14, "Invalid command");
  const command = named(parsed.command, request, isText);
  const reply = replyNamed(capture, command);
  if (reply !== undefined) return close(command, bytesOf(reply));
  const parts = splitJoined(command);
  if (parts.length < 2 || isText) return refuse(14, "Invalid command");
  return close(command, joinedReply(capture, parts, whenS));
}

/** A command with its parameter as captures name it: `healthchipget|0`. */
function named(command: string, request: Buffer, isText: boolean): string {
  if (isText) return request.toString("latin1").trimEnd();
  const { parameter } = JSON.parse(request.toString("latin1")) as { parameter?: unknown };
  return parameter === undefined || parameter === "" ? command : `${command}|${String(parameter)}`;
}

function joinedReply(capture: Capture, parts: readonly string[], whenS: number): Buffer {
  const whole = Object.entries(capture.responses).find(
    ([key]) => key.startsWith(JOINED) && sameWords(splitJoined(key.slice(JOINED.length)), parts),
  );
  if (whole) return bytesOf(whole[1]);
  const invalid = rendered(refusal(14, "Invalid command"), "json", whenS);
  const section = (reply: CapturedReply | undefined) =>
    reply === undefined ? invalid : bytesOf(reply).toString("latin1");
  const sections = parts.map((part) => `${JSON.stringify(part)}:[${section(replyNamed(capture, part))}]`);
  return Buffer.from(`{${sections.join(",")},"id":1}`, "latin1");
}

const sameWords = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((word) => b.includes(word));
