import type { IncomingHttpHeaders } from "node:http";

/** What a change asks for before it is made: that what it changes is as it was read (`etag`), or that there is none. */
export function conditionOf({ "if-match": match, "if-none-match": none }: IncomingHttpHeaders): {
  etag?: string;
  create?: boolean;
} {
  return {
    ...(match !== undefined && match !== "*" && { etag: match }),
    ...(none === "*" && { create: true }),
  };
}
