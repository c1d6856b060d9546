import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { fakeClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { afterAll, expect, test } from "vitest";
import { SecretBox } from "../../sealing/secretBox.js";
import { givenKey, KEY_FILE, keyFile } from "../../sealing/secretsKey.js";
import { Secret } from "../../secret.js";
import { MemoryStateStore } from "../../store/state/memory.js";
import { Notifications } from "../notifications.js";
import { AlertSetup } from "./alertSetup.js";

const folder = mkdtempSync(join(tmpdir(), "hashwatt-sealed-"));
const path = join(folder, KEY_FILE);
afterAll(() => rmSync(folder, { recursive: true }));

const clock = fakeClock(1_795_658_000_000);
const lines: string[] = [];
const log = pino({ level: "trace" }, { write: (line) => lines.push(line) });
const state = new MemoryStateStore();
const setUp = (box: SecretBox) =>
  AlertSetup.open({
    documents: state.documents,
    box,
    channels: [],
    privateTargets: true,
    world: { siteName: (site) => site, zoneOf: () => "UTC" },
    zoneOf: () => "UTC",
    known: () => ({ rules: [], sites: [] }),
    publish: async () => false,
    clock,
    log,
  });
const kept = async () => JSON.stringify(await state.documents.all("channel"));

test("secrets of a channel are kept sealed, under a key in a file of its own that is made when it is needed", async () => {
  const setup = await setUp(new SecretBox(keyFile(folder)));
  expect(() => statSync(path)).toThrow("ENOENT");
  await setup.putChannel("hook", { kind: "webhook", url: "https://h/5ecret-url", key: "5ecret-key" });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await kept()).not.toContain("5ecret");
  const [{ body = {} } = {}] = await state.documents.all("channel");
  expect(body).toMatchObject({ kind: "webhook", secrets: ["url", "key"] });
  // After a restart they are there again, and what is not told anew stays.
  const again = await setUp(new SecretBox(keyFile(folder)));
  await again.putChannel("hook", { kind: "webhook", name: "Duty" });
  const { config, lost } = (await setUp(new SecretBox(keyFile(folder)))).channel("hook")!;
  expect([config.url?.reveal(), config.key?.reveal(), config.name, lost]).toEqual([
    "https://h/5ecret-url",
    "5ecret-key",
    "Duty",
    [],
  ]);
});

test("what an older version kept in clear is sealed at the start", async () => {
  const body = { kind: "slack", url: "https://h/5ecret-slack" };
  await state.documents.change({ put: [{ kind: "channel", site: "", id: "team", body, changedMs: 7 }] });
  expect(await kept()).toContain("5ecret");
  const setup = await setUp(new SecretBox(keyFile(folder)));
  expect(setup.channel("team")?.config.url?.reveal()).toBe("https://h/5ecret-slack");
  expect(await kept()).not.toContain("5ecret");
  expect((await state.documents.all("channel")).find(({ id }) => id === "team")?.changedMs).toBe(7);
});

test("without its key a channel says what must be entered again, keeps what waits, and works once it is told", async () => {
  const real = readFileSync(path, "latin1");
  for (const key of ["AAAA", Buffer.alloc(32).toString("base64url")]) {
    writeFileSync(path, key);
    const setup = await setUp(new SecretBox(keyFile(folder)));
    const { config, lost } = setup.channel("hook")!;
    expect([config.url, config.key, lost]).toEqual([undefined, undefined, ["url", "key"]]);
    const notifications = new Notifications(state, clock, log);
    await notifications.start(setup.notifiers);
    expect(notifications.problem).toBe(
      "hook: url, key must be entered again: the key that sealed them is not here",
    );
    await notifications.close();
    await expect(setup.putChannel("hook", { kind: "webhook", name: "Other" })).rejects.toThrow(
      /^url: url, key must be entered again/,
    );
  }
  const other = await setUp(new SecretBox(keyFile(folder)));
  await other.putChannel("hook", { kind: "webhook", url: "https://h/5ecret-new" });
  expect(other.channel("hook")).toMatchObject({ lost: [] });
  // The key of before comes back: what it had sealed and nobody has told anew is good again.
  writeFileSync(path, real);
  const back = await setUp(new SecretBox(keyFile(folder)));
  expect(back.channel("team")?.config.url?.reveal()).toBe("https://h/5ecret-slack");
  expect(back.channel("hook")?.lost).toEqual(["url"]);
});

test("what was sealed for one channel opens as no other, and not when a bit is changed", () => {
  const box = new SecretBox(givenKey(new Secret("k".repeat(32))));
  const sealed = box.seal("5ecret", "channel a");
  expect(box.seal("5ecret", "channel a")).not.toBe(sealed);
  expect(box.open(sealed, "channel a")).toBe("5ecret");
  expect(new SecretBox(givenKey(new Secret("k".repeat(32)))).open(sealed, "channel a")).toBe("5ecret");
  expect(new SecretBox(givenKey(new Secret("l".repeat(32)))).open(sealed, "channel a")).toBeUndefined();
  expect(box.open(sealed, "channel b")).toBeUndefined();
  for (const wrong of ["", "v1", "v1.", "v2.AAAA", `${sealed.slice(0, -6)}AAAAAA`, `${sealed}AAAA`, "v1.%%%"])
    expect(box.open(wrong, "channel a")).toBeUndefined();
  expect(inspect(box, { depth: 9, showHidden: true }) + JSON.stringify(box)).not.toContain("kkkk");
});

test("nothing of it is in the log", () => {
  expect(lines.join("\n")).toContain("secrets of a channel must be entered again");
  expect(lines.join("\n")).not.toContain("5ecret");
});
