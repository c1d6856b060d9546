import { apiErrorSchema } from "@hashwatt/protocol/http";
import {
  expectedRigSchema,
  registerEntrySchema,
  registerImportSchema,
  registerPreviewSchema,
  registerViewSchema,
} from "@hashwatt/protocol/register";
import { z } from "zod";
import { ServerError } from "../../error.js";
import { parseRegisterCsv, readRegisterCsv, registerCsv } from "../../register/csv.js";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

/** Ten thousand rigs with every column. */
const BODY_LIMIT = 8 * 1024 * 1024;

const params = z.object({ id: z.string().max(32) });
const listQuery = z.strictObject({ site: z.string().max(64).optional() });
const csvBody = z.strictObject({ csv: z.string() });
/** The rigs themselves, or a CSV file as text. */
const importBody = z.union([z.strictObject({ entries: z.array(expectedRigSchema).max(65_536) }), csvBody]);
const { shape } = expectedRigSchema;
const nullable = <T extends z.ZodType>(schema: T) => schema.nullable();
const changeBody = z.strictObject({
  site: shape.site,
  state: shape.state,
  name: nullable(shape.name),
  serial: nullable(shape.serial),
  mac: nullable(shape.mac),
  address: nullable(shape.address),
  worker: nullable(shape.worker),
  rack: nullable(shape.rack),
  row: nullable(shape.row),
  position: nullable(shape.position),
  feeder: nullable(shape.feeder),
  pdu: nullable(shape.pdu),
  outlet: nullable(shape.outlet),
  owner: nullable(shape.owner),
});
const refused = { 400: apiErrorSchema, 403: apiErrorSchema };

const numberOf = (id: string): number => {
  if (!/^e[1-9]\d{0,8}$/.test(id))
    throw new ServerError("notFound", `There is no entry "${id}" in the register; see /api/register`);
  return Number(id.slice(1));
};

/** `/api/register`: which rigs are expected, where they stand, who is missing and who is not expected. */
export const registerRoutes: Route = (app, { register }) => {
  // Without a bound of its own it keeps to that of each endpoint: strangers may say as little in this type as in any other.
  app.addContentTypeParser("text/csv", { parseAs: "string" }, (_request, body, done) =>
    done(null, { csv: String(body) }),
  );
  type Params = z.infer<typeof params>;
  app.get<{ Querystring: z.infer<typeof listQuery> }>(
    "/api/register",
    {
      schema: {
        summary:
          "Rigs that are expected, each with whether it is there; and rigs that are there without being expected",
        querystring: listQuery,
        response: { 200: registerViewSchema, 400: apiErrorSchema },
      },
    },
    ({ query: { site } }) => register.view(site),
  );
  app.get(
    "/api/register.csv",
    { schema: { summary: "The register as CSV, which an import reads back", querystring: noQuery } },
    (_request, reply) =>
      reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", 'attachment; filename="register.csv"')
        .send(registerCsv(register.entries())),
  );
  app.post<{ Body: z.infer<typeof importBody> }>(
    "/api/register",
    {
      bodyLimit: BODY_LIMIT,
      schema: {
        summary:
          "Adds expected rigs, or changes those that are named already; what is not named stays. Also takes text/csv. Of a file with an error nothing is taken",
        querystring: noQuery,
        body: importBody,
        response: { 200: registerImportSchema, ...refused },
      },
    },
    async (request) => {
      request.deed = { action: "register.import", object: "register" };
      const { body } = request;
      const rigs = "csv" in body ? parseRegisterCsv(body.csv) : body.entries;
      const done = await register.put(rigs);
      request.deed = { action: "register.import", object: "register", after: done };
      return done;
    },
  );
  app.post<{ Body: z.infer<typeof csvBody> }>(
    "/api/register/preview",
    {
      bodyLimit: BODY_LIMIT,
      schema: {
        summary:
          "What an import of a CSV file would do, with every row that it would refuse; changes nothing. Also takes text/csv",
        querystring: noQuery,
        body: csvBody,
        response: { 200: registerPreviewSchema, ...refused },
      },
    },
    (request) => {
      request.deed = { action: "register.preview", object: "register" };
      const preview = register.preview(readRegisterCsv(request.body.csv));
      const { added, changed, same, refusedRows } = preview;
      request.deed.after = { added, changed, same, refused: refusedRows };
      return preview;
    },
  );
  app.patch<{ Params: Params; Body: z.infer<typeof changeBody> }>(
    "/api/register/:id",
    {
      schema: {
        summary: "Changes an expected rig; null takes a value away",
        params,
        querystring: noQuery,
        body: changeBody,
        response: { 200: registerEntrySchema, ...refused, 404: apiErrorSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      request.deed = { action: "register.change", object: id };
      const { before, entry } = await register.change(numberOf(id), request.body);
      const was = Object.fromEntries(
        Object.keys(request.body).map((key) => [key, before[key as keyof typeof request.body] ?? null]),
      );
      request.deed = { action: "register.change", object: id, before: was, after: request.body };
      return entry;
    },
  );
  app.delete<{ Params: Params }>(
    "/api/register/:id",
    {
      schema: {
        summary: "Takes a rig out of the register; what was measured of it stays",
        params,
        querystring: noQuery,
        response: { 200: z.object({ id: z.string() }), 403: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      request.deed = { action: "register.remove", object: id };
      const { n: _n, ...before } = await register.remove(numberOf(id));
      request.deed = { action: "register.remove", object: id, before };
      return { id };
    },
  );
};
