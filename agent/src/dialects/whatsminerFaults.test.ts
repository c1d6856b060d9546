import { describe, expect, it } from "vitest";
import { readFaultList, readSummaryFaults, whatsminerFault } from "./whatsminerFaults.js";

describe("Whatsminer faults", () => {
  it.each([
    [
      [{ "218": "2026-01-01 10:30:00" }, { "110": "2026-01-01 09:15:00" }],
      ["218", "110"],
    ],
    [["530"], ["530"]],
    [["329", "2026-01-01 11:28:11"], ["329"]],
    [[530, 530], ["530"]],
    [{ "0": "530", "1": "111" }, ["530", "111"]],
    [{ "530": "2026-01-01 10:00:00" }, ["530"]],
    [[{ "264": "2026-01-01 09:19:10", reason: "x" }], ["264"]],
    [[], []],
  ])("are read from %j", (list, codes) =>
    expect(readFaultList(list)?.map((fault) => fault.code)).toEqual(codes),
  );

  it("are unknown, not none, where the field is missing", () => {
    expect(readFaultList(undefined)).toBeUndefined();
    expect(readSummaryFaults({})).toBeUndefined();
    expect(readSummaryFaults({ "Error Code Count": 0 })).toEqual([]);
  });

  it("are bounded however many a reply claims", () =>
    expect(readSummaryFaults({ "Error Code Count": 1e12, "Error Code 0": 110 })).toHaveLength(1));

  it.each([
    [531, "slot 1: hash board not found"],
    [352, "slot 2: stopped, too hot"],
    [525, "slot 5: chip bin is wrong"],
    [2023, "pool 3: connection failed"],
    [5070, "slot 0: coolant flow is wrong"],
    [5213, "slot 1: chip 3 miscalculates"],
    [560_042, "slot 0: chip 42 finds nothing"],
    [8521, "test of level 2: power below standard"],
    [299, "power supply"],
    [8499, "firmware or security"],
    [110_001, "malware was removed"],
  ])("are explained, with cause and fix: %d", (code, meaning) =>
    expect(whatsminerFault(code)).toEqual({
      meaning,
      cause: expect.stringMatching(/.{10}/),
      fix: expect.stringMatching(/.{10}/),
    }),
  );

  it.each([6_000_042, 7_777])("of no known group are given by their number alone: %d", (code) =>
    expect(readFaultList([code])).toEqual(
      code === 7_777 ? [{ code: "7777" }] : [expect.objectContaining({ code: "6000042" })],
    ),
  );

  it("carry the reason that API 3 adds", () =>
    expect(readFaultList([{ "264": "2026-01-01 09:19:10", reason: "xfer error, code 0x12" }])).toEqual([
      expect.objectContaining({
        code: "264",
        text: "power supply: no communication (xfer error, code 0x12)",
      }),
    ]));
});
