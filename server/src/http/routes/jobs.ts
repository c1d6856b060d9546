import { apiErrorSchema } from "@hashwatt/protocol/http";
import { jobViewSchema } from "@hashwatt/protocol/jobs";
import { z } from "zod";
import { JOB_KINDS } from "../../jobs/registry.js";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

const params = z.object({ id: z.string().max(64) });
const refused = { 400: apiErrorSchema, 404: apiErrorSchema };

/** `GET /api/jobs`, `GET` and `DELETE /api/jobs/:id`, and `POST /api/jobs/<kind>` for each kind of job. */
export const jobRoutes: Route = (app, { jobs }) => {
  app.get(
    "/api/jobs",
    {
      schema: {
        summary: "Long work of the server that runs or has run, newest first",
        querystring: noQuery,
        response: { 200: z.array(jobViewSchema), 400: apiErrorSchema },
      },
    },
    () => jobs.list(),
  );
  app.get<{ Params: z.infer<typeof params> }>(
    "/api/jobs/:id",
    {
      schema: {
        summary: "One job: its state, progress and what it says of its end",
        params,
        querystring: noQuery,
        response: { 200: jobViewSchema, ...refused },
      },
    },
    (request) => jobs.get(request.params.id),
  );
  app.delete<{ Params: z.infer<typeof params> }>(
    "/api/jobs/:id",
    {
      schema: {
        summary: "Cancels a job and answers when it has ended; one that has ended stays as it is",
        params,
        querystring: noQuery,
        response: { 200: jobViewSchema, ...refused },
      },
    },
    (request) => {
      request.deed = { action: "job.cancel", object: request.params.id };
      return jobs.cancel(request.params.id);
    },
  );
  for (const kind of JOB_KINDS)
    app.post(
      `/api/jobs/${kind.kind}`,
      {
        schema: {
          summary: kind.summary,
          body: kind.params,
          querystring: noQuery,
          response: { 202: jobViewSchema, 400: apiErrorSchema, 409: apiErrorSchema },
        },
      },
      async (request, reply) => {
        const after = kind.shown(request.body);
        request.deed = { action: "job.start", object: kind.kind, after };
        const job = await jobs.start(kind.kind, request.body);
        request.deed = { action: "job.start", object: job.id, after };
        return reply.status(202).send(job);
      },
    );
  app.post<{ Params: { kind: string } }>(
    "/api/jobs/:kind",
    { schema: { hide: true, querystring: noQuery } },
    // Only a kind that does not exist comes here, and is refused by name.
    (request) => jobs.start(request.params.kind, undefined),
  );
};
