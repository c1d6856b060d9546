import type { AlertMatch } from "@hashwatt/protocol/alerting";
import { SUBJECT_KINDS } from "@hashwatt/protocol/alertRules";
import { nearestName } from "../../config/nearestName.js";
import { isLike } from "./fits.js";

/** What a match may name, as far as that is known beforehand. */
export interface KnownNames {
  /** Rules that come with the server and those of the operator's own, those that are switched off too. */
  rules: readonly string[];
  sites: readonly string[];
}

/** So many names are told where none is near. */
const MOST_TOLD = 12;

/**
 * The first rule, site or kind of subject that a match names and that there is not, in words; undefined where there is none.
 * Subjects and groups are not looked at: rigs and racks may come later.
 */
export function matchProblem(
  { rules, sites, kinds }: AlertMatch,
  { rules: knownRules, sites: knownSites }: KnownNames,
): string | undefined {
  const rule = rules?.find((each) => !knownRules.some((known) => isLike(each, known)));
  if (rule !== undefined) return nothingCalled("match.rules", "rule", rule, knownRules);
  const site = sites?.find((each) => !knownSites.includes(each));
  if (site !== undefined) return nothingCalled("match.sites", "site", site, knownSites);
  const kind = kinds?.find((each) => !(SUBJECT_KINDS as readonly string[]).includes(each));
  if (kind !== undefined) return nothingCalled("match.kinds", "kind", kind, SUBJECT_KINDS);
  return undefined;
}

/** Says of the key of a body that it names nothing, and which name is near; where none is, which there are. */
export function nothingCalled(key: string, what: string, name: string, known: readonly string[]): string {
  const near = nearestName(name.replaceAll("*", ""), known);
  const there = known.slice(0, MOST_TOLD).join(", ") || "none";
  const more = known.length > MOST_TOLD ? `, … (${known.length})` : "";
  return `${key}: there is no ${what} "${name}"; ${near === undefined ? `there are ${there}${more}` : `did you mean ${near}?`}`;
}
