import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judgedSite, START, siteFacts } from "../fixtures/judgedSite.js";
import { DuckStateStore } from "../store/state/duck.js";
import { inletWarm } from "./rules/inletHot.js";
import { offline } from "./rules/offline.js";
import { unprofitable } from "./rules/unprofitable.js";

const warm = { inletTempC: 42 };
const rules = [offline, inletWarm, unprofitable];
const begin = () => {
  const it = judgedSite(2, rules);
  for (const view of it.views) view.figures = { revenuePerH: 0.1, costPerH: 0.2, profitPerH: -0.1 };
  return it;
};
const named = (told: readonly { rule: string; subject: { name: string } }[]) =>
  told.map(({ rule, subject }) => `${rule} ${subject.name}`).sort();

describe("a breach that nobody was told of", () => {
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-pending-"));
  let state: DuckStateStore;
  beforeAll(async () => {
    state = (await DuckStateStore.open({ path: join(folder, "hashwatt.duckdb"), nowMs: () => 0 })).store;
  });
  afterAll(async () => {
    await state.close();
    rmSync(folder, { recursive: true });
  });

  /** The process ends without a word at `s`, and another begins with what the state has. */
  async function killed(before: ReturnType<typeof begin>, s: number) {
    before.context.nowMs += 1;
    await state.putSetting("pending", before.book.pendingText());
    const after = begin();
    const alerts = await state.alerts(0);
    after.book.restore(alerts, after.context.nowMs + s * 1_000);
    after.book.resume((await state.setting("pending"))!);
    return after;
  }

  test("goes on where it was: its hold does not begin anew, and it is told once", async () => {
    const first = begin();
    for (const s of [0, 60, 540]) first.read(s, {});
    expect(first.told()).toEqual([]);
    const second = await killed(first, 570);
    second.read(580, {});
    expect(second.book.open()).toMatchObject([
      { state: "pending", pendingMs: first.book.open()[0]!.pendingMs },
      {},
    ]);
    second.read(600, {});
    second.told();
    second.read(660, {});
    const told = second.told();
    expect(named(told)).toEqual(["unprofitable rig 1", "unprofitable rig 2"]);
    await state.putAlerts(told);
    const third = await killed(second, 670);
    third.read(680, {});
    third.read(900, {});
    third.read(1_000, {});
    expect(third.told()).toEqual([]);
    await state.putAlerts(told.map((alert) => ({ ...alert, state: "resolved" as const, resolvedMs: 1 })));
  });

  test("is not lost where it had fired and waited for others when the process died", async () => {
    const first = begin();
    for (const s of [0, 300, 600]) first.read(s, {});
    expect(first.told()).toEqual([]);
    expect(first.book.open().every(({ state }) => state === "firing")).toBe(true);
    const second = await killed(first, 610);
    second.read(620, {});
    expect(second.told()).toEqual([]);
    second.read(681, {});
    expect(named(second.told())).toEqual(["unprofitable rig 1", "unprofitable rig 2"]);
  });

  test.each([
    ["that is over when it is looked at again", 580, { inletTempC: 30 }],
    ["that was seen too long before", 1_200, warm],
  ])("begins anew %s", async (_what, s, next) => {
    const first = judgedSite(1, [inletWarm]);
    for (const at of [0, 60]) first.read(at, warm);
    const text = first.book.pendingText();
    const after = judgedSite(1, [inletWarm]);
    after.book.resume(text);
    after.read(s, next);
    after.read(s + 5, warm);
    after.read(s + 10, warm);
    expect(after.book.open()).toMatchObject([{ state: "pending" }]);
  });

  test("of offline begins when the server hears again: the rig may have answered meanwhile", () => {
    const silent = { status: "unreachable" as const };
    const first = judgedSite(1, [offline]);
    first.read(0, {});
    for (const s of [60, 120, 180, 240]) first.read(s, silent);
    expect(first.book.open()).toMatchObject([{ state: "pending" }]);
    const after = judgedSite(1, [offline]);
    after.views[0]!.answeredMs = START;
    after.context.heardSinceMs = START + 270_000;
    after.book.resume(first.book.pendingText());
    for (const s of [280, 340, 400, 460, 520, 569]) after.read(s, silent);
    expect(after.book.open()).toMatchObject([{ state: "pending", pendingMs: START + 270_000 }]);
    after.read(570, silent);
    const [alert] = after.book.open();
    expect(alert).toMatchObject({ state: "firing" });
    expect(alert?.reason).toContain("last answer 2026-11-26 00:00 UTC");
  });

  test("may be of a site, and a damaged text counts for nothing", () => {
    const first = judgedSite(1);
    first.pass(0, [siteFacts({ answering: 0 })]);
    const after = judgedSite(1);
    after.book.resume(first.book.pendingText());
    after.book.resume("[[1,2]");
    after.book.resume('[{"a":1}]');
    after.pass(121, [siteFacts({ answering: 0 })]);
    expect(named(after.told())).toEqual(["siteOutage south"]);
  });
});
