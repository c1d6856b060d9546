import { healthSchema, versionSchema } from "@hashwatt/protocol/http";
import type { Route } from "../apiParts.js";

/** `GET /api/health` and `GET /api/version`. */
export const statusRoutes: Route = (app, { health, version }) => {
  app.get(
    "/api/health",
    {
      schema: {
        summary: "Whether each part works, what was counted, and what was refused and why",
        response: { 200: healthSchema },
      },
    },
    () => health(),
  );
  app.get(
    "/api/version",
    { schema: { summary: "Version of the program and of its API", response: { 200: versionSchema } } },
    () => version,
  );
};
