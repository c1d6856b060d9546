import { join } from "node:path";
import { ROUTE_ROLES } from "@hashwatt/server/http/routeRoles";
import { LOOKS } from "@hashwatt/server/store/state/noChanges";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AccessServer, PASSWORDS, pathOf } from "./support/accessServer.js";
import { ALERT_DEEDS } from "./support/alertDeeds.js";

describe("the record of changes", () => {
  let at: AccessServer;

  beforeAll(async () => {
    at = await AccessServer.start();
  });
  afterAll(() => at.remove());

  test("every endpoint that changes something leaves who, from where and with what result in the record", async () => {
    const actions = new Map([
      ["POST /api/users", "user.add"],
      ["PATCH /api/users/:name", "user.role"],
      ["DELETE /api/users/:name", "user.remove"],
      ["POST /api/tokens", "token.create"],
      ["DELETE /api/tokens/:id", "token.revoke"],
      ["DELETE /api/jobs/:id", "job.cancel"],
      ["POST /api/jobs/backup", "job.start"],
      ["POST /api/jobs/reprice", "job.start"],
      ["POST /api/jobs/export", "job.start"],
      ["POST /api/rigs/:id/split", "rig.split"],
      ["POST /api/rigs/:id/undo", "rig.undo"],
      ["POST /api/register", "register.import"],
      ["POST /api/register/preview", "register.preview"],
      ["PATCH /api/register/:id", "register.change"],
      ["DELETE /api/register/:id", "register.remove"],
      ["PUT /api/settings/sites/:site", "site.set"],
      ["DELETE /api/settings/sites/:site", "site.remove"],
      ["POST /api/settings/import", "settings.import"],
      ["POST /api/settings/preview", "settings.preview"],
      ["POST /api/settings/:collection/preview", "settings.preview"],
      ["POST /api/settings/urdb", "settings.urdb"],
      ["PUT /api/settings/:collection/:id", "setting.put"],
      ["DELETE /api/settings/:collection/:id", "setting.remove"],
      ["POST /api/rates/import", "rates.import"],
      ["PUT /api/planned-stops/:site/:id", "plannedStop.put"],
      ["DELETE /api/planned-stops/:site/:id", "plannedStop.remove"],
      ["POST /api/reconciliation/payouts", "payouts.import"],
      ["POST /api/reconciliation/bills", "bills.preview"],
      ["POST /api/replays", "replay.start"],
      ["PATCH /api/replays/:id", "replay.change"],
      ["DELETE /api/replays/:id", "replay.end"],
      ...ALERT_DEEDS.map(([endpoint, action]) => [endpoint, action] as const),
    ]);
    const bodies: Record<string, unknown> = {
      "POST /api/users": { name: "admin", role: "viewer", password: "long enough" },
      "PATCH /api/users/:name": { role: "viewer" },
      "POST /api/tokens": { name: "taken", scope: "read" },
      "POST /api/jobs/reprice": {},
      "POST /api/jobs/export": { data: "rigs", out: "/nowhere/x.csv" },
      "POST /api/jobs/backup": { out: join(at.dataDir, "state.duckdb", "nowhere") },
      "POST /api/register": { entries: [] },
      "POST /api/register/preview": { csv: "name\nA\n" },
      "PATCH /api/register/:id": { rack: "4" },
      "PUT /api/settings/sites/:site": { name: "N", zone: "Mars/Base", currency: "USD", gridRegion: null },
      ...{ "POST /api/settings/import": { yaml: "x: 2" }, "POST /api/settings/preview": { site: "none" } },
      "POST /api/settings/:collection/preview": {},
      "POST /api/settings/urdb": { urdb: {} },
      "PUT /api/settings/:collection/:id": {},
      "POST /api/rates/import": { csv: "series,start,value\n" },
      "PUT /api/planned-stops/:site/:id": { name: "n", time: { fromMs: 1, toMs: 2 } },
      "POST /api/reconciliation/payouts": { site: "farm", csv: "date,amount\n2026-08-01,1\n", pool: "p" },
      "POST /api/reconciliation/bills": { site: "farm", csv: "from,to,amount\n", dryRun: true },
      "POST /api/replays": { from: 1, to: 2 },
      "PATCH /api/replays/:id": { playing: true },
      ...Object.fromEntries(ALERT_DEEDS.map(([endpoint, , body]) => [endpoint, body])),
    };
    const looks: string[] = [];
    for (const endpoint of at.server.endpoints) {
      const [method = ""] = endpoint.split(" ");
      if (["GET", "WS", "LIVE"].includes(method) || endpoint.endsWith(" /api/session")) continue;
      const [newest] = await at.record();
      const action = actions.get(endpoint) ?? endpoint;
      // Who may only look changes nothing, and so fills no record of changes.
      if (ROUTE_ROLES[endpoint] === "viewer") expect(LOOKS, endpoint).toContain(action);
      const { status } = await at.tell(method, pathOf(endpoint), bodies[endpoint]);
      const entries = (await at.record()).filter(({ n }) => n > newest!.n);
      const looked = status < 400 && LOOKS.includes(action);
      if (looked) looks.push(endpoint);
      expect(entries, endpoint).toHaveLength(looked ? 0 : 1);
      if (looked) continue;
      expect(entries[0], endpoint).toMatchObject({ who: "the-admin", by: "user", address: "127.0.0.1" });
      expect(entries[0]!.action, endpoint).toBe(action);
    }
    expect(looks).toEqual(expect.arrayContaining(["POST /api/register/preview", "POST /api/settings/urdb"]));
    await at.login("the-viewer", "wrong password");
    await at.login("a password in the wrong field", "wrong password");
    expect((await at.record("&action=login")).slice(0, 2)).toMatchObject([
      { who: "", object: "", result: "refused" },
      { who: "the-viewer", object: "the-viewer", result: "refused" },
    ]);
    const viewer = await at.sessionOf("the-viewer", PASSWORDS.viewer);
    await at.ask("DELETE", "/api/users/the-admin", viewer);
    await at.ask("DELETE", "/api/session", viewer);
    expect(await at.record("&user=the-viewer")).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ action: "logout", result: "done" }),
        expect.objectContaining({
          action: "DELETE /api/users/:name",
          object: "the-admin",
          result: "refused",
        }),
        expect.objectContaining({ action: "login", result: "done", after: { role: "viewer" } }),
      ]),
    );
  });
});
