import { Readable } from "node:stream";
import { sendError } from "../apiErrors.js";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

/** Version 0.0.4 is the text format that every Prometheus reads. */
const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
/** Readers at once; more are told to come again. */
const MAX_READERS = 4;
/** A reader that has not taken everything by then is cut off: a scrape that slow is given up on the other side too. */
const MAX_READ_MS = 60_000;

/** `GET /metrics` for Prometheus. */
export const metricsRoutes: Route = (app, { metrics, clock, log }) => {
  let readers = 0;
  app.get(
    "/metrics",
    {
      schema: {
        summary: "Metrics in Prometheus' text format; docs/metrics.md says what each means",
        querystring: noQuery,
      },
    },
    (request, reply) => {
      reply.header("content-type", CONTENT_TYPE).header("cache-control", "no-store");
      // With nothing to send its length would be told, as 0.
      if (request.method === "HEAD") return reply.send(Readable.from([]));
      if (readers >= MAX_READERS)
        return sendError(reply.header("retry-after", "10"), 503, {
          error: "busy",
          message: `${MAX_READERS} readers are at the metrics; scrape with fewer, or less often`,
        });
      readers++;
      const text = Readable.from(metrics(), { objectMode: false });
      const limit = clock.after(MAX_READ_MS, () =>
        text.destroy(new Error(`not read within ${MAX_READ_MS / 1_000} s`)),
      );
      text.on("error", (error) => log.warn({ err: error }, "metrics not sent"));
      text.once("close", () => {
        limit[Symbol.dispose]();
        readers--;
      });
      return reply.send(text);
    },
  );
};
