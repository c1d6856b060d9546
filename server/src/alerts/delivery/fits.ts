import type { AlertMatch } from "@hashwatt/protocol/alerting";
import type { AlertView } from "@hashwatt/protocol/http";
import { foldCase, StarPattern } from "../../starPattern.js";

/** What of an alert is looked at. `groups` are the places and owners that the register has of its rig. */
export interface Fitting {
  severity: AlertView["severity"];
  site: string;
  rule: string;
  kind: string;
  subjects: readonly string[];
  groups: readonly string[];
}

/** Whether a text is what a pattern says, in which `*` stands for any characters; case does not matter. */
export const isLike = (pattern: string, text: string): boolean =>
  new StarPattern(foldCase(pattern)).fits(foldCase(text));

const some = (patterns: readonly string[], texts: readonly string[]): boolean =>
  patterns.some((pattern) => texts.some((text) => isLike(pattern, text)));

/** Whether an alert is among those that a route or a silence names. */
export function fits(match: AlertMatch, alert: Fitting): boolean {
  const { severities, sites, rules, kinds, subjects, groups } = match;
  return (
    (!severities || severities.includes(alert.severity)) &&
    (!sites || sites.includes(alert.site)) &&
    (!rules || some(rules, [alert.rule])) &&
    (!kinds || kinds.includes(alert.kind)) &&
    (!subjects || some(subjects, alert.subjects)) &&
    (!groups || some(groups, alert.groups))
  );
}

/** What of an alert a match is compared with; `groups`: where its subject stands, and whose it is. */
export function fittingOf({ severity, site, rule, subject }: AlertView, groups: readonly string[]): Fitting {
  return { severity, site, rule, kind: subject.kind, subjects: [subject.id, subject.name], groups };
}
