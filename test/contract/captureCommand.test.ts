import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { captureRig } from "@hashwatt/agent/capture/captureRig";
import { contractReading } from "@hashwatt/agent/cli/contractReading";
import { openRigLinks } from "@hashwatt/agent/links/rigLinks";
import { newLogins } from "@hashwatt/agent/logins";
import { readRig } from "@hashwatt/agent/readRig";
import { newRigSession } from "@hashwatt/agent/rigSession";
import { systemClock } from "@hashwatt/protocol/time";
import { captureSchema, readCaptures } from "@hashwatt/simulator/captures/captureFile";
import { serveCaptures } from "@hashwatt/simulator/captures/serveCaptures";
import { startFleet } from "@hashwatt/simulator/listener";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../support/ports.js";
import { startOurs } from "../support/program.js";

const CORPUS = process.env.HASHWATT_CORPUS;
const CLOSED = "1";
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hashwatt-capture-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(args: string[]): Promise<{ code: unknown; lines: readonly string[] }> {
  const program = startOurs("agent", args);
  return { code: await program.exit, lines: program.lines };
}

interface Place {
  address: string;
  port?: number;
  httpPort?: number;
  v3Port?: number;
}
const where = ({ address, port, httpPort, v3Port }: Place): string[] => [
  `${address}:${port ?? CLOSED}`,
  "--http-port",
  String(httpPort ?? CLOSED),
  "--v3-port",
  String(v3Port ?? CLOSED),
];

type Printed = Record<string, unknown> & { pools?: { url: string }[]; boards?: object[] };

async function read(place: Place): Promise<Printed> {
  const { code, lines } = await run(["read", ...where(place), "--json"]);
  expect({ code, lines }).toMatchObject({ code: 0 });
  return JSON.parse(lines.find((line) => line.startsWith("{")) ?? "") as Printed;
}

/** A reading without what a capture replaces. */
function anonymous(printed: Printed): Printed {
  // Its notes name its address.
  const { mac: _mac, serial: _serial, hostname: _hostname, notes: _notes, ...rest } = printed;
  return {
    ...rest,
    pools: rest.pools?.map(({ url }) => ({ url })),
    boards: rest.boards?.map((board) => ({ ...board, serial: undefined })),
  };
}

/** Captures a rig, serves the file and reads it. */
async function captured(place: Place, name: string, base: string) {
  const out = join(folder, name);
  const { code, lines } = await run(["capture", ...where(place), "--out", join(out)]);
  expect({ code, lines }).toMatchObject({ code: 0 });
  const own = mkdtempSync(join(folder, "one-"));
  writeFileSync(join(own, "capture.json"), readFileSync(out));
  const served = await serveCaptures(readCaptures(own), base, { port: 0, httpPort: 0, v3Port: 0 });
  try {
    return { printed: await read(served.rigs[0]!), text: readFileSync(out, "utf8"), lines };
  } finally {
    await served.close();
  }
}

describe("agent capture", () => {
  test.each([
    ["an Antminer", /^Antminer/],
    ["a Whatsminer", /^Whatsminer/],
  ])("of %s is read like the rig, and names neither account nor address", async (_, model) => {
    const fleet = await startFleet({
      ...{ rigs: 24, seed: 9, base: "127.81.0.1", incidents: false, speed: 0.01 },
      port: await freePort(),
    });
    try {
      const rig = fleet.addresses.find(({ address }) => model.test(fleet.rig(address).identity.model.model));
      expect(rig).toBeDefined();
      const before = await read(rig!);
      const { printed, text, lines } = await captured(rig!, `${before.dialect}.json`, "127.82.0.1");
      const { hashrateThs, ...same } = anonymous(printed);
      const { hashrateThs: rate, ...real } = anonymous(before);
      expect(Object.keys(same)).toEqual(Object.keys(real));
      expect(same).toMatchObject({
        model: real.model,
        dialect: real.dialect,
        status: real.status,
        pools: real.pools,
      });
      expect(Number(hashrateThs) / Number(rate)).toBeCloseTo(1, 1);
      expect(text).not.toContain(rig!.address);
      for (const { user } of before.pools as unknown as { user: string }[]) expect(text).not.toContain(user);
      if (typeof before.mac === "string") expect(text.toLowerCase()).not.toContain(before.mac);
      expect(lines.join("\n")).toMatch(/replaced by placeholders: .*account/);
    } finally {
      await fleet.close();
    }
  });

  test("does not write over a file, and says why there is no capture of a rig that is not there", async () => {
    const out = join(folder, "kept.json");
    writeFileSync(out, "mine");
    const fleet = await startFleet({ rigs: 1, seed: 1, base: "127.83.0.1", port: await freePort() });
    try {
      const refused = await run(["capture", ...where(fleet.addresses[0]!), "--out", out]);
      expect(refused.code).toBe(1);
      expect(refused.lines.at(-1)).toMatch(/kept\.json exists: give another --out/);
      expect(readFileSync(out, "utf8")).toBe("mine");
    } finally {
      await fleet.close();
    }
    const gone = await run(["capture", ...where({ address: "127.83.0.2" })]);
    expect(gone.code).toBe(1);
    expect(gone.lines.at(-1)).toMatch(/refuses connections/);
  });
});

// The captures of real rigs stay outside the project; scripts/test.mjs says so when they are not there.
if (CORPUS !== undefined && existsSync(CORPUS))
  test("a capture of a captured rig reads as it does", async () => {
    const captures = readCaptures(CORPUS);
    const ports = { port: 0, httpPort: 0, v3Port: 0 };
    const served = await serveCaptures(captures, "127.84.0.1", ports);
    const links = openRigLinks(systemClock, {}, new AbortController().signal, newLogins([], true));
    const session = (place: Place) =>
      newRigSession(place.address, place.port ?? 1, {
        httpPort: place.httpPort ?? 1,
        v3Port: place.v3Port ?? 1,
      });
    const reading = async (place: Place) =>
      anonymous(contractReading((await readRig(session(place), links, systemClock, true)).reading));
    let compared = 0;
    try {
      for (const rig of served.rigs) {
        const before = await reading(rig).catch(() => undefined);
        if (before === undefined) continue;
        const { capture } = await captureRig(session(rig), links, systemClock, "0", () => {});
        const again = await serveCaptures([captureSchema.parse(capture)], "127.85.0.1", ports);
        try {
          expect({ id: rig.capture.id, ...(await reading(again.rigs[0]!)) }).toEqual({
            id: rig.capture.id,
            ...before,
          });
        } finally {
          await again.close();
        }
        compared++;
      }
      expect(compared).toBeGreaterThan(0);
    } finally {
      links.close();
      await served.close();
    }
  });
