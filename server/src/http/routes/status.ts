import { apiErrorSchema, briefHealthSchema, healthSchema, versionSchema } from "@hashwatt/protocol/http";
import { z } from "zod";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

/** `GET /api/health` and `GET /api/version`. */
export const statusRoutes: Route = (app, { health, version }) => {
  app.get(
    "/api/health",
    {
      schema: {
        summary:
          "Whether each part works, what was counted, and what was refused and why; without the login that is needed `ok` alone",
        querystring: noQuery,
        response: { 200: z.union([healthSchema, briefHealthSchema]), 400: apiErrorSchema },
      },
    },
    (request) => {
      const whole = health();
      return request.grant ? whole : { ok: whole.ok };
    },
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
