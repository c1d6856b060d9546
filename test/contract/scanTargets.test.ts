import { expandRanges, parseRigAddress } from "@hashwatt/agent/discovery/targets";
import { describe, expect, test } from "vitest";
import { isRange, targetsProblem } from "../../scripts/start-targets.mjs";

/** What the agent says when it reads these targets as `npm start` hands them on. */
function refusal(targets: readonly string[]): string | undefined {
  try {
    for (const target of targets) if (!isRange(target)) parseRigAddress(target);
    expandRanges(targets.filter(isRange));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe("targets of npm start -- --scan", () => {
  test.each([
    [["192.168.1.20"]],
    [["192.168.1.20:4029"]],
    [["192.168.1.10-50", "192.168.1.10-192.168.2.50", "192.168.1.0/24"]],
    [["10.0.0.0/16"]],
    [["10.0.0.0/16", "10.1.0.1-2", "10.2.0.1"]],
    [["10.0.0.4/30", "10.0.0.4/31", "10.0.0.4/32"]],
    [["0.0.0.0-0.0.255.255"]],
  ])("%j are taken, by the agent too", (targets) => {
    expect(targetsProblem(targets)).toBeUndefined();
    expect(refusal(targets)).toBeUndefined();
  });

  test.each([
    [["10.0.0.0/8"]],
    [["10.0.0.0/15"]],
    [["10.0.0.0/0"]],
    [["10.0.0.0/33"]],
    [["10.0.0.0/x"]],
    [["10.0.0.0/24/1"]],
    [["10.0.0.1-5/24"]],
    [["300.0.0.0/24"]],
    [["10.0.0.01-5"]],
    [["10.0.0.9-3"]],
    [["10.0.1.0-10.0.0.255"]],
    [["10.0.0.1-256"]],
    [["10.0.0.1-"]],
    [["10.0.0.1-2-3"]],
    [["0.0.0.0-255.255.255.255"]],
    [["10.0.0.1:0"]],
    [["10.0.0.1:65536"]],
    [["10.0.0.1:70000"]],
    [["10.0.0.1:x"]],
    [["10.0.0.0/16", "10.1.0.1-3"]],
  ])("%j are refused as the agent would", (targets) => {
    expect(refusal(targets)).toEqual(expect.any(String));
    expect(targetsProblem(targets)).toBe(refusal(targets));
  });

  test.each(["", "10.0.0", "10.0.0.500", "fe80::1", "rig.example", "rig-7.farm.example"])(
    "%j is refused: rigs are named by their addresses here",
    (target) => expect(targetsProblem([target])).toMatch(/ is no .*; write 192\.168\.1\.20/),
  );
});
