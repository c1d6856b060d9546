import { createServer, type Server } from "node:http";
import { type Fleet, startFleet } from "@hashwatt/simulator/listener";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../support/ports.js";
import { type Stack, startStack } from "../support/stack.js";
import { stackRuns } from "../support/testStore.js";
import { until } from "../support/wait.js";

interface Alert {
  rule: string;
  state: string;
  severity: string;
  rig: number;
  rigName: string;
  value: number | null;
  limit: number | null;
  limitSource?: string;
  reason: string;
}

describe.skipIf(!stackRuns)("alerts, from a hot chip to a webhook", () => {
  let fleet: Fleet;
  let stack: Stack;
  let hook: Server;
  const posts: { body: string; type: string | undefined }[] = [];
  let refusals = 2;

  beforeAll(async () => {
    hook = createServer((request, answer) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        // The receiver is down at first: what is said must be said again.
        if (refusals > 0) {
          refusals--;
          answer.writeHead(503).end();
          return;
        }
        posts.push({ body, type: request.headers["content-type"] });
        answer.writeHead(204).end();
      });
    });
    await new Promise<void>((listening) => hook.listen(0, "127.0.0.1", listening));
    const port = (hook.address() as { port: number }).port;
    fleet = await startFleet({
      rigs: 6,
      seed: 2,
      port: await freePort(),
      base: "127.43.0.1",
      incidents: false,
    });
    stack = await startStack({
      rigs: fleet.addresses.map((rig) => `${rig.address}:${rig.port}`),
      intervalMs: 1_000,
      server: {
        webhook: `http://127.0.0.1:${port}/secret-token-4711`,
        alerts: { resolveHoldMs: 2_000 },
      },
    });
    await until("all rigs report", async () => {
      const totals = await stack.get<{ fleet: { reporting: number } }>("/api/totals");
      return totals.fleet.reporting === 6;
    });
  });
  afterAll(async () => {
    await stack?.close();
    await fleet?.close();
    hook?.close();
  });

  test("two hot samples fire once with limit and its source, the webhook hears of it although it was down, and cooling resolves it", async () => {
    const target = fleet.addresses.find((rig) =>
      /Antminer S19 Pro|Antminer S21|Whatsminer M[356]0S/.test(fleet.rig(rig.address).identity.model.model),
    )!;
    fleet.rig(target.address).override({ chipTempC: 112, boardTempC: 97 });
    const hot = (alert: Alert) => alert.rule === "overheating" && alert.rigName.startsWith(target.address);
    const alert = await until("it fires", async () =>
      (await stack.get<Alert[]>("/api/alerts")).find((entry) => hot(entry) && entry.state === "firing"),
    );
    expect(alert.severity).toBe("danger");
    expect(alert.value).toBeGreaterThan(alert.limit as number);
    expect(alert.limitSource).toMatch(/sourced|baseline|rig/);
    expect(alert.reason).toContain(String(alert.limit));
    const post = await until(
      "the webhook hears of it",
      () => posts.find((entry) => /overheating/.test(entry.body)),
      40_000,
    );
    expect(post.type).toContain("application/json");
    expect(JSON.parse(post.body)).toBeTypeOf("object");

    fleet.rig(target.address).override(undefined);
    await until("it resolves", async () =>
      (await stack.get<Alert[]>("/api/alerts")).find((entry) => hot(entry) && entry.state === "resolved"),
    );
    await until(
      "the webhook hears of that too",
      () => posts.find((entry) => /resolved/.test(entry.body)),
      40_000,
    );
    const fired = posts.filter((entry) => /overheating/.test(entry.body) && /firing/.test(entry.body));
    expect(fired).toHaveLength(1);
  }, 120_000);

  test("the webhook's address, a secret, is in no log line and no answer of the API", async () => {
    expect(stack.server.lines.join("\n")).not.toContain("secret-token");
    expect(JSON.stringify(await stack.get("/api/health"))).not.toContain("secret-token");
  });
});
