import { RULE_IDS, SEVERITIES } from "@hashwatt/protocol/alertRules";
import { plainText } from "@hashwatt/protocol/plainText";
import { z } from "zod";
import { nearestName } from "../../config/nearestName.js";
import type { DocumentKind } from "../../settings/documentKind.js";
import { FACT_RULES } from "../rules/factRules.js";
import { RULES } from "../rules/registry.js";
import type { RuleSettings } from "../rules/rule.js";
import { parseRule, RuleSyntaxError } from "./parseRule.js";

const word = z
  .string()
  .transform((text) => plainText(text).trim())
  .pipe(z.string().min(1, "is empty").max(100));
const seconds = z.number().min(0).max(604_800);
const number = z.number().min(-1e9).max(1e9);

/** Other numbers for a rule that comes with the server, everywhere, at a site, or on rigs by pattern. */
const overrideSchema = z.strictObject({
  rule: z.string().min(1).max(64),
  on: z.array(word).min(1).max(100).optional(),
  enabled: z.boolean().optional(),
  severity: z.enum(SEVERITIES).optional(),
  limit: number.optional(),
  clear: number.optional(),
  holdS: seconds.optional(),
  samples: z.int().min(1).max(100).optional(),
  resolveS: seconds.optional(),
  urls: z.array(word).min(1).max(100).optional(),
  accounts: z.array(word).min(1).max(100).optional(),
});
/** A rule of the operator's own. */
const customSchema = z.strictObject({
  name: word,
  when: z.string().min(1).max(500),
  severity: z.enum(SEVERITIES).default("warning"),
  enabled: z.boolean().optional(),
  clear: number.optional(),
  resolveS: seconds.optional(),
});
export const alertRuleSchema = z.union([overrideSchema, customSchema]);
export type AlertRule = z.infer<typeof alertRuleSchema>;
export type RuleOverride = z.infer<typeof overrideSchema>;

/** Every rule that comes with the server, by id. */
const OWN = new Map<string, RuleSettings>(
  [...RULES, ...Object.values(FACT_RULES).flat()].map((rule) => [rule.id, rule]),
);

function wrongIn(rule: AlertRule, id: string): { path: string; message: string } | undefined {
  if (!("rule" in rule)) {
    if ((RULE_IDS as readonly string[]).includes(id))
      return {
        path: "",
        message: `"${id}" is the name of a rule that comes with the server; choose another id`,
      };
    try {
      parseRule(rule.when);
      return undefined;
    } catch (error) {
      if (!(error instanceof RuleSyntaxError)) throw error;
      return { path: "when", message: `is no rule:\n${error.message}` };
    }
  }
  const own = OWN.get(rule.rule);
  if (!own) {
    const near = nearestName(rule.rule, [...OWN.keys()]);
    return {
      path: "rule",
      message: `there is no rule "${rule.rule}"${near ? `; did you mean ${near}?` : ", see docs/alerts.md"}`,
    };
  }
  if (rule.limit !== undefined && own.limit === undefined && rule.rule !== "overheating")
    return { path: "limit", message: `the rule ${rule.rule} has no limit to set` };
  for (const path of ["urls", "accounts"] as const)
    if (rule[path] && rule.rule !== "wrongPool")
      return { path, message: `only the rule wrongPool compares ${path}` };
  return undefined;
}

/** Alert rules among the settings: other numbers for a rule, or one of the operator's own. */
export const alertRuleKind: DocumentKind<AlertRule> = {
  kind: "alertRule",
  collection: "alert-rules",
  perSite: "may",
  schema: alertRuleSchema,
  defects: (documents) =>
    documents.flatMap(({ id, value }) => {
      const wrong = wrongIn(value, id);
      return wrong ? [{ id, ...wrong }] : [];
    }),
};
