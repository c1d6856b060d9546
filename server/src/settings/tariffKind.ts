import { tariffDefects } from "../rates/tariffs/checkTariff.js";
import { type Tariff, tariffSchema } from "../rates/tariffs/tariff.js";
import { validity } from "./datedKind.js";
import type { DocumentKind } from "./documentKind.js";

/** What energy costs at a site, one tariff after another. */
export const tariffKind: DocumentKind<Tariff> = {
  kind: "tariff",
  collection: "tariffs",
  perSite: "always",
  schema: tariffSchema,
  idOf: ({ id }) => id,
  defects(documents, { site }) {
    if (!site) return [];
    return tariffDefects(
      documents.map(({ value }) => value),
      site,
    );
  },
  touches: ({ before, after }, { zone }) => [{ input: "price", ...validity(zone, [before, after]) }],
};
