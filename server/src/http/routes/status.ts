import { apiErrorSchema, healthSchema, versionSchema } from "@hashwatt/protocol/http";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

/** `GET /api/health` and `GET /api/version`. */
export const statusRoutes: Route = (app, { health, version }) => {
  app.get(
    "/api/health",
    {
      schema: {
        summary: "Whether each part works, what was counted, and what was refused and why",
        querystring: noQuery,
        response: { 200: healthSchema, 400: apiErrorSchema },
      },
    },
    () => health(),
  );
  app.get(
    "/api/version",
    {
      schema: {
        summary: "Version of the program and of its API",
        querystring: noQuery,
        response: { 200: versionSchema, 400: apiErrorSchema },
      },
    },
    () => version,
  );
};
