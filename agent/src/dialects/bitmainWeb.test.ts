import { describe, expect, it } from "vitest";
import { parseBody } from "../replies/reply.js";
import { antminer } from "./antminer.js";
import type { Facts } from "./dialect.js";

const learn = (facts: Facts, name: string, answer: object) =>
  antminer.learn(facts, name, parseBody(JSON.stringify(answer), false));

describe("the web interface of an Antminer", () => {
  it("tells MAC, name and serial number", () => {
    const answer = {
      macaddr: "02:00:00:00:00:09",
      hostname: "Antminer",
      serinum: "EXAMPLE7",
      minertype: "other",
    };
    expect(learn({ model: "Antminer S19" }, "GET /cgi-bin/get_system_info.cgi", answer)).toEqual({
      model: "Antminer S19",
      mac: "02:00:00:00:00:09",
      hostname: "Antminer",
      serial: "EXAMPLE7",
    });
  });

  it("tells what is wrong, in words that help, and that it is over", () => {
    const status = (fans: "s" | "e") => ({
      SUMMARY: [
        {
          status: [
            { type: "rate", status: "s", code: 0, msg: "" },
            { type: "fans", status: fans, code: 12, msg: "fan lost" },
          ],
        },
      ],
    });
    const ill = learn({}, "GET /cgi-bin/summary.cgi", status("e"));
    expect(ill.faults).toEqual([
      {
        code: "fans 12",
        text: "a fan is missing or too slow",
        cause: expect.any(String),
        fix: expect.stringContaining("replace"),
      },
    ]);
    expect(learn(ill, "GET /cgi-bin/summary.cgi", status("s")).faults).toEqual([]);
    const same = learn(ill, "GET /cgi-bin/summary.cgi", {});
    expect(same).toBe(ill);
  });

  it.each([
    ["bitmain-work-mode", "1", true],
    ["bitmain-work-mode", "0", false],
    ["miner-mode", 1, true],
  ])("%s %s: asleep %s", (key, value, asleep) => {
    expect(learn({}, "GET /cgi-bin/get_miner_conf.cgi", { [key]: value }).asleep).toBe(asleep);
  });
});
