import type { Evidence } from "@hashwatt/protocol/sample";
import { describe, expect, test } from "vitest";
import { Register } from "./register.js";

const rig = (evidence: Partial<Evidence>, site = "farm") => ({
  site,
  name: "10.0.0.5",
  evidence: { address: "10.0.0.5", ...evidence },
});

describe("the register", () => {
  test.each([
    ["a MAC", { mac: "02:00:00:00:00:01" }, { mac: "02:00:00:00:00:01" }],
    ["a serial number", { serial: "SN1" }, { serial: "SN1" }],
    ["an address", { address: "10.0.0.5" }, { port: 4028 }],
    ["an address with its port", { address: "10.0.0.5:80" }, { port: 80 }],
    ["a pool user", { worker: "acc.r7" }, { pools: [{ url: "p", user: "acc.r7" }] }],
    ["a pattern of pool users", { worker: "acc.*7*x" }, { pools: [{ url: "p", user: "acc.rig7-x" }] }],
    ["a name", { name: "rack-3" }, { hostname: "rack-3" }],
  ])("names a rig by %s", (_what, told, evidence) => {
    const register = new Register();
    register.put([{ ...told, rack: "R1" }], "farm");
    expect(register.of(rig(evidence))).toMatchObject({ rack: "R1", state: "active" });
    expect(register.of(rig(evidence, "other"))).toBeUndefined();
    expect(register.of(rig({ port: 99, pools: [{ url: "p", user: "acc.rig-x7" }] }))).toBeUndefined();
  });

  test("goes by the strongest name: a rig at another's address is known by its MAC", () => {
    const register = new Register();
    register.put(
      [
        { address: "10.0.0.5", rack: "old" },
        { mac: "02:00:00:00:00:01", rack: "new" },
      ],
      "farm",
    );
    expect(register.of(rig({ mac: "02:00:00:00:00:01" }))?.rack).toBe("new");
  });

  test("a second import changes what is named again and leaves the rest", () => {
    const register = new Register();
    expect(register.put([{ name: "A", rack: "1" }, { name: "B" }], "farm")).toEqual({
      added: 2,
      changed: 0,
      same: 0,
      total: 2,
    });
    expect(register.put([{ name: "A", rack: "2", mac: "02:00:00:00:00:01" }, { name: "C" }], "farm")).toEqual(
      {
        added: 1,
        changed: 1,
        same: 0,
        total: 3,
      },
    );
    expect(register.put([{ mac: "02:00:00:00:00:01" }], "farm")).toMatchObject({ same: 1 });
    expect(register.entry(1)).toMatchObject({ name: "A", rack: "2" });
  });

  test("is changed by all of an import or nothing of it", () => {
    const register = new Register();
    register.put([{ name: "A" }, { name: "B" }], "farm");
    const before = register.text();
    expect(() => register.put([{ name: "C" }, {}], "farm")).toThrow(/^the 2nd rig names no rig/);
    expect(() => register.put([{ name: "C" }, { name: "C" }], "farm")).toThrow(
      /^the 2nd rig is the same rig as the 1st one/,
    );
    expect(() => register.put([{ name: "A" }], undefined)).toThrow(/^the 1st rig says no site/);
    register.change(2, { mac: "02:00:00:00:00:01" });
    expect(() => register.put([{ name: "A", mac: "02:00:00:00:00:01" }], "farm")).toThrow(
      /both e2 and e1|both e1 and e2/,
    );
    register.change(2, { mac: null });
    expect(register.text()).toBe(before);
  });

  test("an entry is changed and removed by itself, and a restart knows all of it", () => {
    const register = new Register();
    register.put([{ name: "A" }, { name: "B", rack: "1" }], "farm");
    register.change(2, { state: "repair", rack: null });
    register.remove(1);
    expect(() => register.change(2, { name: null })).toThrow(/must keep one of/);
    expect(() => register.remove(1)).toThrow(/no entry "e1"/);
    const next = new Register();
    next.restore(register.text());
    expect([...next.entries()]).toEqual([{ n: 2, site: "farm", name: "B", state: "repair" }]);
    expect(next.put([{ name: "D" }], "farm").total).toBe(2);
    expect(next.entry(3).name).toBe("D");
    expect(() => new Register().restore("[]")).toThrow(/register of the state file cannot be read/);
  });
});
