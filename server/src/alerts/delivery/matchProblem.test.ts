import { RULE_IDS } from "@hashwatt/protocol/alertRules";
import { expect, test } from "vitest";
import { matchProblem } from "./matchProblem.js";

const known = { rules: [...RULE_IDS, "hot-rack", "south.cold"], sites: ["south", "north"] };

test.each([
  [{ rules: ["offline", "hashrate*", "OVERHEATING", "hot-rack", "south.*"] }],
  [{ rules: ["*"], sites: ["north"], kinds: ["rig", "market"] }],
  [{ subjects: ["a rig to come"], groups: ["rack-99"], severities: ["danger" as const] }],
  [{}],
])("a match of names that there are, or may yet be, has no problem: %j", (match) =>
  expect(matchProblem(match, known)).toBeUndefined(),
);

test.each([
  [{ rules: ["offline", "hot-rak"] }, 'match.rules: there is no rule "hot-rak"; did you mean hot-rack?'],
  [{ rules: ["ofline*"] }, 'match.rules: there is no rule "ofline*"; did you mean offline?'],
  [{ sites: ["suth"] }, 'match.sites: there is no site "suth"; did you mean south?'],
  [{ sites: ["North"] }, 'match.sites: there is no site "North"; did you mean north?'],
  [{ sites: ["the-other-farm"] }, 'match.sites: there is no site "the-other-farm"; there are south, north'],
  [{ kinds: ["rigs"] }, 'match.kinds: there is no kind "rigs"; did you mean rig?'],
])("one that fits nothing says what is nearest, or what there is: %j", (match, problem) =>
  expect(matchProblem(match, known)).toBe(problem),
);

test("of many names the first are told, and how many there are", () => {
  const problem = matchProblem({ rules: ["something-quite-different-from-all"] }, known);
  expect(problem).toMatch(/; there are siteOutage, agentSilent, (\w+, ){9}\w+, … \(44\)$/);
});

test("where there is no site at all, that is said", () => {
  expect(matchProblem({ sites: ["south"] }, { rules: [], sites: [] })).toBe(
    'match.sites: there is no site "south"; there are none',
  );
});
