import type { AlertMatch } from "@hashwatt/protocol/alerting";
import type { DeskKey } from "./deskWords.js";

/** Which alerts a route or a silence names, in a line; `nameOf` tells a rule's name, `subjectOf` that of a subject by its id. */
export function matchText(
  t: (key: DeskKey) => string,
  nameOf: (rule: string) => string,
  match: AlertMatch,
  subjectOf: (id: string) => string = (id) => id,
): string {
  const parts = [
    match.severities?.map((each) => t(`desk.severity.${each}`)),
    match.rules?.map(nameOf),
    match.sites,
    match.kinds,
    match.subjects?.map(subjectOf),
    match.groups,
  ].flatMap((list) => (list ? [list.join(", ")] : []));
  return parts.length ? parts.join(" · ") : t("desk.every");
}

/** The words of a line that are separated by commas; undefined where there are none. */
export function listOf(text: string): string[] | undefined {
  const words = text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);
  return words.length ? words : undefined;
}
