import { enRules } from "../words/enRules.js";
import type { WordKey, Words } from "../words/words.js";

const OF_THEIR_OWN = ["overheating", "offline", "unprofitable"] as const;

/** A rule in the screen's language; one of the operator's own goes by its id. */
export function ruleName(t: Words["t"], rule: string): string {
  const key = `rule.${rule}`;
  return key in enRules ? t(key as WordKey) : rule;
}

/** Several alike alerts in a few words: "3 × S19 offline". */
export function groupName(t: Words["t"], rule: string, n: string, model: string): string {
  const own = OF_THEIR_OWN.find((each) => each === rule);
  return own ? t(`group.${own}`, { n, model }) : t("group.other", { n, model, rule: ruleName(t, rule) });
}
