import { apiErrorSchema } from "@hashwatt/protocol/http";
import { meterViewSchema } from "@hashwatt/protocol/meters";
import { z } from "zod";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

/** `GET /api/meters`. */
export const meterRoutes: Route = (app, { meters }) => {
  app.get(
    "/api/meters",
    {
      schema: {
        summary: "External meters and sensors: what each says, how old that is, and how groups are divided",
        querystring: noQuery,
        response: { 200: z.array(meterViewSchema), 400: apiErrorSchema },
      },
    },
    () => meters(),
  );
};
