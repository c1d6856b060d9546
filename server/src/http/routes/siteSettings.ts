import { apiErrorSchema } from "@hashwatt/protocol/http";
import {
  type SiteChange,
  type SiteSettings,
  siteChangeSchema,
  siteListSchema,
  siteSettingsSchema,
} from "@hashwatt/protocol/settings";
import { z } from "zod";
import type { Route } from "../apiParts.js";
import { conditionOf } from "../condition.js";
import { noQuery } from "../query.js";

const params = z.object({ site: z.string().max(64) });
const refused = { 400: apiErrorSchema, 403: apiErrorSchema };

const facetsOf = ({ name, zone, currency, gridRegion, gridYear, demo }: SiteSettings) => ({
  name,
  zone,
  currency,
  gridRegion,
  gridYear,
  demo,
});

/** `/api/sites`, and sites under `/api/settings`. */
export const siteSettingsRoutes: Route = (app, { siteSettings }) => {
  type Params = z.infer<typeof params>;
  app.get(
    "/api/sites",
    {
      schema: {
        summary: "Every site, with what the law of its region says about mining as far as it is known",
        querystring: noQuery,
        response: { 200: siteListSchema },
      },
    },
    () => siteSettings.list().map(({ prices: _prices, gridYears: _years, etag: _etag, ...site }) => site),
  );
  app.get(
    "/api/settings/sites",
    {
      schema: {
        summary: "What is set of every site",
        querystring: noQuery,
        response: { 200: z.array(siteSettingsSchema) },
      },
    },
    () => siteSettings.list(),
  );
  app.get<{ Params: Params }>(
    "/api/settings/sites/:site",
    {
      schema: {
        summary: "What is set of a site; its etag goes into If-Match of a change",
        params,
        querystring: noQuery,
        response: { 200: siteSettingsSchema, 404: apiErrorSchema },
      },
    },
    ({ params: { site } }) => siteSettings.get(site),
  );
  app.put<{ Params: Params; Body: SiteChange }>(
    "/api/settings/sites/:site",
    {
      schema: {
        summary:
          "Sets a site, or makes one. `price` and `fxPerUsd` hold from now on. If-Match refuses where it was changed meanwhile, If-None-Match: * where there is one",
        params,
        querystring: noQuery,
        body: siteChangeSchema,
        response: { 200: siteSettingsSchema, ...refused, 409: apiErrorSchema },
      },
    },
    async (request) => {
      const { site } = request.params;
      const after = { ...request.body };
      request.deed = { action: "site.set", object: site };
      const before = siteSettings.list().find((each) => each.site === site);
      request.deed = {
        ...request.deed,
        ...(before && { before: facetsOf(before) }),
        after: Object.fromEntries(Object.entries(after).filter(([, value]) => value !== undefined)),
      };
      return siteSettings.put(site, request.body, conditionOf(request.headers));
    },
  );
  app.delete<{ Params: Params }>(
    "/api/settings/sites/:site",
    {
      schema: {
        summary: "Forgets a site without rigs and what is set of it; what was measured there stays",
        params,
        querystring: noQuery,
        response: { 200: siteSettingsSchema, ...refused, 404: apiErrorSchema, 409: apiErrorSchema },
      },
    },
    async (request) => {
      const { site } = request.params;
      request.deed = { action: "site.remove", object: site };
      const before = await siteSettings.remove(site, conditionOf(request.headers).etag);
      request.deed = { ...request.deed, before: facetsOf(before) };
      return before;
    },
  );
};
