import type { RepriceRange } from "@hashwatt/protocol/settings";
import { Zone } from "@hashwatt/protocol/zone";
import type { z } from "zod";
import { startOf } from "../rates/tariffs/energyPrice.js";
import type { DocumentKind } from "./documentKind.js";

/** What every document with dates of its own has: local dates, the second not included. */
export interface Dated {
  id: string;
  validFrom: string;
  validTo?: string | undefined;
}

/** When the older and the newer form of a document are valid, both together, in a zone. `toMs` null = no end. */
export function validity(
  zone: string,
  documents: readonly (Dated | undefined)[],
): Omit<RepriceRange, "site" | "input"> {
  const at = Zone.of(zone);
  const known = documents.flatMap((each) => each ?? []);
  const ends = known.map(({ validTo }) =>
    validTo === undefined ? Number.POSITIVE_INFINITY : startOf(validTo, at),
  );
  const toMs = Math.max(...ends);
  return {
    fromMs: Math.min(...known.map(({ validFrom }) => startOf(validFrom, at))),
    toMs: Number.isFinite(toMs) ? toMs : null,
  };
}

/**
 * A kind of document of a site that holds from a date to its end, or until the next one of its kind. `input` is what of the site's figures
 * rests on it. Of two that begin on one day only one can count, unless they are of different things, which `of` names, or `sameDay`.
 */
export const datedKind = <T extends Dated>(
  kind: string,
  collection: string,
  schema: z.ZodType<T>,
  input: string,
  { sameDay = false, of = () => "" }: { sameDay?: boolean; of?: (value: T) => string } = {},
): DocumentKind<T> => ({
  kind,
  collection,
  perSite: "always",
  schema,
  idOf: ({ id }) => id,
  defects: (documents) =>
    documents.flatMap(({ id, value }, i) => {
      const { validFrom, validTo } = value;
      if (validTo !== undefined && validTo <= validFrom)
        return [{ id, path: "validTo", message: `${validTo} must come after validFrom, ${validFrom}` }];
      const other = documents
        .slice(0, i)
        .find((each) => each.value.validFrom === validFrom && of(each.value) === of(value));
      if (!other || sameDay) return [];
      return [
        {
          id,
          path: "validFrom",
          message: `"${other.id}" begins on ${validFrom} too; only one of them can count`,
        },
      ];
    }),
  touches: ({ before, after }, { zone }) => [{ input, ...validity(zone, [before, after]) }],
});
