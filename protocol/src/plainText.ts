/**
 * Text of a stranger (a rig, an agent, a client) as nothing but text. What a rig says of itself is shown in terminals, logs,
 * pages and files of others: there a character must not move the cursor, begin a line, turn the direction of writing or be
 * there without being seen.
 */

/** Control characters of both sets and separators of lines and paragraphs. */
const CONTROL = "\\p{Cc}\\u2028\\u2029";
/** What turns the direction of writing, or has no width; the tags of plane 14 too. */
const UNSEEN = "\\u061c\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\u{e0000}-\\u{e007f}";

const ORDINARY = /^[ -~]*$/;
const CONTROLS = new RegExp(`[${CONTROL}]+`, "gu");
const UNSEENS = new RegExp(`[${UNSEEN}]`, "gu");
/** Half of a letter that takes two units: no encoding has it. */
const HALVES = /\p{Cs}/gu;
const STEERING = new RegExp(`[${CONTROL}${UNSEEN}\\p{Cs}]`, "gu");
const STEERING_BUT_LINES = new RegExp(`(?![\\n\\t])[${CONTROL}${UNSEEN}\\p{Cs}]`, "gu");

/** A stranger's text without what is not text: controls become a space, the unseen goes, half a letter becomes U+FFFD. */
export function plainText(text: string): string {
  if (ORDINARY.test(text)) return text;
  return text.replace(CONTROLS, " ").replace(UNSEENS, "").replace(HALVES, "\ufffd");
}

/** The beginning of a text, at most `max` UTF-16 units of it, never half of a letter. */
export const beginning = (text: string, max: number): string =>
  text.length <= max ? text : text.slice(0, max).replace(/[\ud800-\udbff]$/, "");

/**
 * A text for one line of a terminal or a log, with what is not text written out: `\u001b` for an escape. Inside a JSON string
 * the result means the same as before.
 */
export const writtenOut = (text: string): string => replaced(text, STEERING);

/** As {@link writtenOut}, for several lines: line breaks and tabs stay. */
export const writtenOutLines = (text: string): string => replaced(text, STEERING_BUT_LINES);

function replaced(text: string, what: RegExp): string {
  return ORDINARY.test(text) ? text : text.replace(what, unitsOf);
}

function unitsOf(letter: string): string {
  let units = "";
  for (let at = 0; at < letter.length; at++)
    units += `\\u${letter.charCodeAt(at).toString(16).padStart(4, "0")}`;
  return units;
}
