import { type RuleView, ruleListSchema } from "@hashwatt/protocol/ruleView";
import { NUMBER_FIELDS } from "../../alerts/custom/fields.js";
import { isOtherRule, isSiteRule } from "../../alerts/dryRun/siteRules.js";
import { FACT_RULES } from "../../alerts/rules/factRules.js";
import { RULES } from "../../alerts/rules/registry.js";
import type { Rule } from "../../alerts/rules/rule.js";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

type Told = Pick<
  Rule,
  "id" | "subject" | "severity" | "limit" | "clear" | "unit" | "holdMs" | "samples" | "resolveHoldMs"
>;
const viewOf = (rule: Told, canBeTried: boolean): RuleView => ({
  id: rule.id,
  subject: rule.subject,
  severity: rule.severity,
  // What is only true or not has no number that another could stand in the place of.
  limit: rule.unit ? (rule.limit ?? null) : null,
  clear: rule.unit ? (rule.clear ?? null) : null,
  unit: rule.unit || null,
  holdMs: rule.holdMs,
  samples: rule.samples,
  resolveHoldMs: rule.resolveHoldMs,
  canBeTried,
});

/** `GET /api/alerts/rules`: the rules that come with the server. */
export const alertRulesRoutes: Route = (app) => {
  app.get(
    "/api/alerts/rules",
    {
      schema: {
        summary:
          "Rules that come with the server, with their defaults, and the fields that a rule of one's own may compare; what was set in their place is in /api/settings/alert-rules",
        querystring: noQuery,
        response: { 200: ruleListSchema },
      },
    },
    () => ({
      rules: [
        ...RULES.map((rule) => viewOf(rule, true)),
        ...Object.values(FACT_RULES).flatMap((rules) =>
          (rules as readonly Told[]).map((rule) => viewOf(rule, isSiteRule(rule.id) || isOtherRule(rule.id))),
        ),
      ],
      fields: Object.entries(NUMBER_FIELDS).map(([name, { unit }]) => ({ name, unit })),
    }),
  );
};
