import { describe, expect, it } from "vitest";
import { withFacts } from "../dialects/dialect.js";
import { dialects } from "../dialects/registry.js";
import { asText, ownOf } from "./readNumber.js";
import { parseReply } from "./reply.js";

const HOSTILE = '{"toString":-1,"valueOf":[]}';

describe("a stranger's value", () => {
  it("is compared as text without a throw, whatever it is", () => {
    expect([asText("a"), asText(5), asText(true)]).toEqual(["a", "5", "true"]);
    for (const value of [undefined, null, {}, [], JSON.parse(HOSTILE), [JSON.parse(HOSTILE)]])
      expect(asText(value)).toBe("");
  });

  it("finds nothing in a table that the table does not hold", () => {
    expect(ownOf({ high: 1 }, "high")).toBe(1);
    for (const word of ["constructor", "__proto__", "toString", ""])
      expect(ownOf({ high: 1 }, word)).toBeUndefined();
  });

  it("may be nested deeper than the stack reaches where it becomes a fact", () => {
    const deep = () => JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`) as never;
    const known = withFacts({}, { pools: deep() });
    expect(withFacts(known, { pools: deep() }).pools).toBeDefined();
  });

  it.each(dialects.map((dialect) => [dialect.id, dialect] as const))(
    "ends no claim of %s",
    (_id, dialect) => {
      const reply = () =>
        parseReply(
          `{"STATUS":[{"STATUS":"S","Description":${HOSTILE},"Msg":${HOSTILE}}],"VERSION":[{"Type":${HOSTILE},"PROD":${HOSTILE},"Miner":${HOSTILE}}],"STATS":[{"ID":${HOSTILE},"Type":${HOSTILE}}],"DEVDETAILS":[{"Driver":${HOSTILE}}],"DEVS":[{"Name":${HOSTILE}}]}`,
          true,
        );
      const by = Object.fromEntries(
        ["version", "summary", "stats", "devdetails", "devs", "get_version", "status"].map((name) => [
          name,
          reply(),
        ]),
      );
      const asked = new Set(Object.keys(by));
      expect(["mine", "ask", "not", "unsupported", "last"]).toContain(
        dialect.claims({ by, asked, text: "auradine gcminer avalon" }).kind,
      );
    },
  );
});
