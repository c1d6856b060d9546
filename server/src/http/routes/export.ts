import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import { apiErrorSchema } from "@hashwatt/protocol/http";
import { z } from "zod";
import { ServerError } from "../../error.js";
import { EXPORT_FORMATS, EXPORTS, exportBytes, refuseExport } from "../../export/exportRows.js";
import { sendError } from "../apiErrors.js";
import type { Route } from "../apiParts.js";
import { instant } from "../query.js";
import { rangeOf } from "../range.js";

const TYPES = { csv: "text/csv; charset=utf-8", parquet: "application/vnd.apache.parquet" } as const;
/** Exports that are made at once: each keeps a core busy, and a day of rows on the disk. */
const MAX_EXPORTS = 2;

/** `GET /api/export/:data`. */
export const exportRoutes: Route = (app, { exports: parts, sites, clock }) => {
  const params = z.object({ data: z.enum(EXPORTS) });
  const query = z.strictObject({
    format: z.enum(EXPORT_FORMATS).default("csv"),
    site: z.string().max(64).optional(),
    from: instant.optional(),
    to: instant.optional(),
  });
  let running = 0;
  app.get<{ Params: z.infer<typeof params>; Querystring: z.infer<typeof query> }>(
    "/api/export/:data",
    {
      schema: {
        summary:
          "The ledger of rigs by the hour (`rigs`) or of sites by 5 minutes (`sites`), or raw readings (`samples`), as CSV or Parquet, streamed. By default the last 24 hours; a long range is better a job",
        params,
        querystring: query,
        response: { 400: apiErrorSchema, 404: apiErrorSchema, 503: apiErrorSchema },
      },
    },
    async (request, reply) => {
      const { data } = request.params;
      const { format, site, from, to } = request.query;
      if (site !== undefined && !sites.get(site))
        throw new ServerError("notFound", `There is no site "${site}"; see /api/totals`);
      refuseExport({ data }, parts);
      const asked = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
      const range = rangeOf(asked, clock.nowMs());
      const named = () =>
        reply.type(TYPES[format]).header("content-disposition", `attachment; filename="${data}.${format}"`);
      // Who asks for the head alone would have the whole of it made for nobody.
      // With nothing to send its length would be told, as 0.
      if (request.method === "HEAD") return named().send(Readable.from([]));
      if (running >= MAX_EXPORTS)
        return sendError(reply, 503, {
          error: "busy",
          message: "two exports are being made already: ask again when one is done",
        });
      running++;
      const stop = new AbortController();
      const piece = join(parts.folder, `export-${randomUUID()}.part`);
      const body = Readable.from(exportBytes(parts, { ...range, data, format, site }, piece, stop.signal), {
        objectMode: false,
      });
      // Whoever goes away in the middle ends the work too.
      body.once("close", () => {
        running--;
        stop.abort(new Error("nobody reads it any more"));
      });
      return named().send(body);
    },
  );
};
