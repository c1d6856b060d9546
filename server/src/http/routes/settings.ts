import { apiErrorSchema } from "@hashwatt/protocol/http";
import {
  billsSchema,
  changePreviewSchema,
  settingChangedSchema,
  settingSchema,
  settingsImportSchema,
  settingsSchema,
  tariffPreviewSchema,
  urdbImportSchema,
} from "@hashwatt/protocol/settings";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { reaches } from "../../access/role.js";
import { ServerError } from "../../error.js";
import type { DocumentKind } from "../../settings/documentKind.js";
import type { Route } from "../apiParts.js";
import { conditionOf } from "../condition.js";
import { instant, noQuery } from "../query.js";

/** Every setting of 256 sites. */
const IMPORT_LIMIT = 8 * 1024 * 1024;
const DOCUMENT_LIMIT = 256 * 1024;
const DAY_MS = 86_400_000;

const listParams = z.object({ collection: z.string().max(64) });
const params = z.object({ collection: z.string().max(64), id: z.string().max(64) });
const site = z.string().max(64);
const siteQuery = z.strictObject({ site: site.optional() });
const anyBody = z.record(z.string(), z.unknown());
const yamlBody = z.strictObject({ yaml: z.string() });
const proposal = z.strictObject({
  site,
  /** Tariffs that would be there, each in the place of one of its id. */
  tariffs: z.array(anyBody).max(100).default([]),
  /** Ids of those that would be gone. */
  without: z.array(z.string().max(64)).max(1_000).default([]),
});
const refused = { 400: apiErrorSchema, 403: apiErrorSchema };

/** Refuses who may change settings, but not those of this kind: throws an error that is answered with 403. */
function refuseRole({ grant }: FastifyRequest, { collection, role }: DocumentKind): void {
  if (role === undefined || !grant || reaches(grant.role, role)) return;
  throw Object.assign(new Error(`${collection} are for the role ${role}: ask who has it`), {
    statusCode: 403,
  });
}

const bodyFacet = (body: unknown) => ({ body: JSON.stringify(body).slice(0, 2_000) });

/** `/api/settings` and `/api/bills`. */
export const settingsRoutes: Route = (app, { settings, siteSettings, sites, bills, preview, clock }) => {
  for (const type of ["application/yaml", "text/yaml"])
    app.addContentTypeParser(type, { parseAs: "string" }, (_request, body, done) =>
      done(null, { yaml: String(body) }),
    );
  type Params = z.infer<typeof params>;
  type SiteQuery = z.infer<typeof siteQuery>;

  app.get(
    "/api/settings/export.yaml",
    {
      schema: {
        summary: "All settings as YAML, which an import reads back; secrets read ***",
        querystring: noQuery,
      },
    },
    async (_request, reply) => {
      const { exportSettings } = await import("../../settings/settingsYaml.js");
      return reply
        .type("application/yaml; charset=utf-8")
        .header("content-disposition", 'attachment; filename="settings.yaml"')
        .send(exportSettings(settings, siteSettings));
    },
  );
  const importQuery = z.strictObject({ dryRun: z.enum(["true", "false"]).default("false") });
  app.post<{ Body: z.infer<typeof yamlBody>; Querystring: z.infer<typeof importQuery> }>(
    "/api/settings/import",
    {
      bodyLimit: IMPORT_LIMIT,
      schema: {
        summary:
          "Adds and changes what a YAML file says and leaves the rest; with one error nothing is taken, and each names line, key and reason. Also takes application/yaml. `dryRun=true` changes nothing",
        querystring: importQuery,
        body: yamlBody,
        response: { 200: settingsImportSchema, ...refused },
      },
    },
    async (request) => {
      const dryRun = request.query.dryRun === "true";
      request.deed = { action: dryRun ? "settings.check" : "settings.import", object: "settings" };
      const { importSettings } = await import("../../settings/settingsYaml.js");
      const done = await importSettings(request.body.yaml, settings, siteSettings, {
        dryRun,
        says: (kind) => refuseRole(request, kind),
      });
      const count = (change: string) => done.changes.filter((each) => each.change === change).length;
      request.deed.after = {
        applied: done.applied,
        added: count("added"),
        changed: count("changed"),
        errors: done.errors.length,
      };
      return done;
    },
  );
  app.get<{ Querystring: { site: string } }>(
    "/api/settings/preview",
    {
      schema: {
        summary: "Prices of a site for the next 48 hours, with what makes each",
        querystring: z.strictObject({ site }),
        response: { 200: tariffPreviewSchema, 400: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    ({ query }) => preview.of(query.site, [], []),
  );
  app.post<{ Body: z.infer<typeof proposal> }>(
    "/api/settings/preview",
    {
      bodyLimit: DOCUMENT_LIMIT,
      schema: {
        summary:
          "What proposed tariffs would come to: prices of the next 48 hours, and which hours of the past they would price otherwise; changes nothing",
        querystring: noQuery,
        body: proposal,
        response: { 200: tariffPreviewSchema, ...refused, 404: apiErrorSchema },
      },
    },
    (request) => {
      const { site: of, tariffs, without } = request.body;
      request.deed = { action: "settings.preview", object: of };
      return preview.of(of, tariffs, without);
    },
  );
  const changed = z.strictObject({
    /** Documents that would be there, each in the place of one of its id. */
    put: z.array(anyBody).max(100).default([]),
    /** Ids of those that would be gone. */
    without: z.array(z.string().max(64)).max(1_000).default([]),
  });
  app.post<{ Params: z.infer<typeof listParams>; Querystring: SiteQuery; Body: z.infer<typeof changed> }>(
    "/api/settings/:collection/preview",
    {
      bodyLimit: DOCUMENT_LIMIT,
      schema: {
        summary:
          "Which hours a change of documents would price anew, by site and input, and how many hours of rigs these are; changes nothing",
        params: listParams,
        querystring: siteQuery,
        body: changed,
        response: { 200: changePreviewSchema, ...refused, 404: apiErrorSchema },
      },
    },
    (request) => {
      const { collection } = request.params;
      const { site: of = "" } = request.query;
      request.deed = { action: "settings.preview", object: `${collection} ${of}`.trim() };
      return preview.change({ kind: settings.kindOf(collection), site: of, ...request.body });
    },
  );
  const urdbBody = z.strictObject({ urdb: z.unknown() });
  app.post<{ Body: z.infer<typeof urdbBody> }>(
    "/api/settings/urdb",
    {
      bodyLimit: DOCUMENT_LIMIT,
      schema: {
        summary:
          "A rate of OpenEI's database as a tariff to be put, or what of it is not supported, by key; changes nothing",
        querystring: noQuery,
        body: urdbBody,
        response: { 200: urdbImportSchema, ...refused },
      },
    },
    async (request) => {
      request.deed = { action: "settings.urdb", object: "tariff" };
      const { importUrdb } = await import("../../rates/tariffs/urdb.js");
      const { tariff, notes, defects } = importUrdb(request.body.urdb);
      return { tariff: tariff ?? null, notes, defects };
    },
  );
  const billsQuery = z.strictObject({ site, from: instant.optional(), to: instant.optional() });
  app.get<{ Querystring: z.infer<typeof billsQuery> }>(
    "/api/bills",
    {
      schema: {
        summary:
          "What a site's tariffs come to in the billing periods that touch a range, by row; by default the present ones and those of the 31 days before",
        querystring: billsQuery,
        response: { 200: billsSchema, 400: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    ({ query }) => {
      const record = sites.get(query.site);
      if (!record) throw new ServerError("notFound", `There is no site "${query.site}"; see /api/sites`);
      const toMs = query.to ?? clock.nowMs();
      const fromMs = query.from ?? toMs - 31 * DAY_MS;
      if (fromMs >= toMs) throw new ServerError("badRequest", "from: must lie before to");
      return bills.of(record, { fromMs, toMs });
    },
  );
  app.get<{ Params: z.infer<typeof listParams>; Querystring: SiteQuery }>(
    "/api/settings/:collection",
    {
      schema: {
        summary:
          "Documents of a kind (tariffs, pools, contracts, overhead, costs, …), of one site where it is named",
        params: listParams,
        querystring: siteQuery,
        response: { 200: settingsSchema, 400: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    ({ params: { collection }, query }) => settings.list(settings.kindOf(collection), query.site),
  );
  app.get<{ Params: Params; Querystring: SiteQuery }>(
    "/api/settings/:collection/:id",
    {
      schema: {
        summary: "One document; its etag goes into If-Match of a change",
        params,
        querystring: siteQuery,
        response: { 200: settingSchema, 400: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    ({ params: { collection, id }, query }) =>
      settings.get({ kind: settings.kindOf(collection).kind, site: query.site ?? "", id }),
  );
  app.put<{ Params: Params; Querystring: SiteQuery; Body: Record<string, unknown> }>(
    "/api/settings/:collection/:id",
    {
      bodyLimit: DOCUMENT_LIMIT,
      schema: {
        summary:
          "Puts a document and says what it re-prices. If-Match refuses where it was changed meanwhile, If-None-Match: * where there is one",
        params,
        querystring: siteQuery,
        body: anyBody,
        response: { 200: settingChangedSchema, ...refused, 404: apiErrorSchema, 409: apiErrorSchema },
      },
    },
    async (request) => {
      const { collection, id } = request.params;
      request.deed = { action: "setting.put", object: `${collection} ${id}` };
      const kind = settings.kindOf(collection);
      refuseRole(request, kind);
      const key = { kind: kind.kind, site: request.query.site ?? "", id };
      if (settings.has(key)) request.deed.before = bodyFacet(settings.get(key).body);
      const done = await settings.put({ ...key, body: request.body }, conditionOf(request.headers));
      request.deed.after = bodyFacet(done.setting?.body);
      return done;
    },
  );
  app.delete<{ Params: Params; Querystring: SiteQuery }>(
    "/api/settings/:collection/:id",
    {
      schema: {
        summary: "Removes a document and says what that re-prices",
        params,
        querystring: siteQuery,
        response: { 200: settingChangedSchema, ...refused, 404: apiErrorSchema, 409: apiErrorSchema },
      },
    },
    async (request) => {
      const { collection, id } = request.params;
      request.deed = { action: "setting.remove", object: `${collection} ${id}` };
      const kind = settings.kindOf(collection);
      refuseRole(request, kind);
      const key = { kind: kind.kind, site: request.query.site ?? "", id };
      const before = settings.get(key);
      const reprice = await settings.change([], [key], conditionOf(request.headers));
      request.deed.before = bodyFacet(before.body);
      return { setting: null, reprice };
    },
  );
};
