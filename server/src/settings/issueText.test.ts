import { checked } from "@hashwatt/protocol/checked";
import { expect, test } from "vitest";
import { sourceSchema } from "../rates/fetch/registry.js";
import { poolSchema } from "../rates/pools/pool.js";
import { issueText } from "./issueText.js";

const pool = { id: "p", name: "P", scheme: "FPPS", feePercent: 1, validFrom: "2026-01-01", source: "x" };
const first = (schema: typeof poolSchema | typeof sourceSchema, body: unknown): string => {
  const issue = checked(schema, body).error!.issues[0]!;
  return `${issue.path.join(".")}: ${issueText(issue, schema, body)}`;
};

test.each([
  [{ scheme: "FPSS" }, "scheme: must be one of FPPS, PPS, PPLNS, SOLO; did you mean FPPS?"],
  [{ feePercent: -1 }, "feePercent: -1 must be at least 0"],
  [{ feePercent: 101 }, "feePercent: 101 must be at most 100"],
  [{ luck: 0 }, "luck: 0 must be more than 0"],
  [{ feePercent: "two" }, "feePercent: must be a number"],
  [{ feePercent: undefined }, "feePercent: is missing: it must be a number"],
  [{ validFrom: "2026-13-01" }, "validFrom: must be a date such as 2026-08-01"],
  [{ feePercnt: 2 }, ': Unrecognized key: "feePercnt"; did you mean feePercent?'],
])("of a pool with %o one reads what to write", (more, text) =>
  expect(first(poolSchema, { ...pool, ...more })).toBe(text),
);

test("of a source whose kind is none one reads which one may have been meant", () =>
  expect(first(sourceSchema, { id: "s", kind: "coinbse" })).toMatch(
    /^kind: must be one of mempool, .*, pool-payouts; did you mean coinbase\?$/,
  ));
