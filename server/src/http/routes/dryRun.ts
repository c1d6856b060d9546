import { type DryRunOrder, dryRunOrderSchema, dryRunSchema } from "@hashwatt/protocol/dryRun";
import { apiErrorSchema } from "@hashwatt/protocol/http";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

/** `POST /api/alerts/dry-run`: what a rule would have told. */
export const dryRunRoutes: Route = (app, { dryRun }) => {
  app.post<{ Body: DryRunOrder }>(
    "/api/alerts/dry-run",
    {
      schema: {
        summary:
          "Tries a rule on stored history, with one or two settings side by side: how often it would have fired, when, of which rigs, for how long. Tells nobody",
        querystring: noQuery,
        body: dryRunOrderSchema,
        response: { 200: dryRunSchema, 400: apiErrorSchema, 403: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    (request) => {
      const { rule, when } = request.body;
      request.deed = { action: "alerts.dryRun", object: rule ?? when ?? "" };
      return dryRun(request.body);
    },
  );
};
