import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isTold } from "@hashwatt/server/metrics/serverFamilies";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../support/program.js";
import { programs } from "../support/programs.js";
import { type Prometheus, promtool, startPrometheus } from "../support/prometheus.js";
import { scratch } from "../support/stack.js";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";
import { until } from "../support/wait.js";

const TOKEN = "prometheus-token-0123456789abcdef";
const here = programs.prometheus && programs.promtool;

describe.skipIf(!here)("Prometheus", () => {
  let folder: ReturnType<typeof scratch>;
  let server: ToldServer;
  let prometheus: Prometheus | undefined;
  /** The example as an operator would use it: in a folder with its rules and the file of its token. */
  const config = () => join(folder.path, "prometheus.yml");

  beforeAll(async () => {
    folder = scratch("prometheus");
    cpSync(join(root, "docs/prometheus"), folder.path, { recursive: true });
    writeFileSync(join(folder.path, "hashwatt-token"), `${TOKEN}\n`, { mode: 0o600 });
    server = await startToldServer({
      metrics: { perRig: true },
      http: { port: 0, tokens: [TOKEN] },
    });
    await server.tell([fullRig(1), fullRig(2), { ...fullRig(3), sample: { status: "unreachable" } }]);
  });
  afterAll(async () => {
    await prometheus?.program.stop();
    await server?.close();
    folder?.remove();
  });

  const ask = (path: string) =>
    fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } });
  const text = async () => (await ask("/metrics")).text();

  test("gets its own text format, packed, for the server's token, and takes no parameter", async () => {
    const answer = await ask("/metrics");
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    expect(await answer.text()).toMatch(/^# HELP hashwatt_build_info/);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
    expect(await (await ask("/metrics?perRig=true")).json()).toMatchObject({
      error: "badRequest",
      field: "perRig",
    });
  });

  test("finds nothing to say against the metrics", async () => {
    const metrics = await text();
    expect(metrics).toContain("hashwatt_rig_power_watts{");
    expect(promtool(["check", "metrics"], metrics)).toEqual({ code: 0, said: "" });
  });

  test("finds the example of its config and of its rules good", () => {
    expect(promtool(["check", "config", config()])).toMatchObject({
      code: 0,
      said: expect.stringContaining("SUCCESS"),
    });
    const rules = promtool(["check", "rules", join(folder.path, "hashwatt-rules.yml")]);
    expect(rules).toMatchObject({ code: 0, said: expect.stringMatching(/SUCCESS: \d+ rules found/) });
  });

  test("knows every metric that the example's rules ask for", async () => {
    const rules = readFileSync(join(root, "docs/prometheus/hashwatt-rules.yml"), "utf8");
    const told = new Set([...(await text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    // An agent that never said how it is has no series.
    told.add("hashwatt_agent_up");
    const asked = [...rules.matchAll(/(?<![:a-z_])hashwatt_[a-z0-9_]+/g)].map(([name]) => name);
    expect(asked.length).toBeGreaterThan(8);
    expect(asked.filter((name) => !told.has(name))).toEqual([]);
  });

  test("scrapes a server by the example's config, and its rules have answers", async () => {
    const fast = readFileSync(config(), "utf8")
      .replaceAll(/_interval: \d+s/g, "_interval: 1s")
      .replace("127.0.0.1:8080", new URL(server.url).host);
    writeFileSync(config(), fast);
    prometheus = await startPrometheus({ config: config(), folder: folder.path });
    const query = (expression: string) =>
      until(expression, async () => {
        const found = await prometheus!.query(expression);
        return found.size > 0 && found;
      });
    await until("a scrape worked", async () => {
      const [target] = await prometheus!.targets();
      if (target?.lastError) throw new Error(target.lastError);
      return target?.health === "up";
    });
    const instance = new URL(server.url).host;
    const labels = (more: Record<string, string>) =>
      JSON.stringify(
        Object.fromEntries(
          Object.entries({ instance, job: "hashwatt", ...more }).sort(([a], [b]) => (a < b ? -1 : 1)),
        ),
      );
    expect(await query("hashwatt_site_power_watts")).toEqual(
      new Map([[labels({ __name__: "hashwatt_site_power_watts", site: "farm" }), 6_500]]),
    );
    const ofRig = await query('hashwatt_rig_hashrate_hashes_per_second{rig="r2"}');
    expect([...ofRig.values()]).toEqual([1.1061e14]);
    expect([...(await query("site:hashwatt_reporting:ratio")).values()]).toEqual([2 / 3]);
    const [efficiency] = (await query("site_algo:hashwatt_efficiency:joules_per_terahash")).values();
    expect(efficiency).toBeCloseTo(3_250 / 110.61, 6);
    const [age] = (await query("site:hashwatt_data_age:seconds")).values();
    expect(age).toBeGreaterThan(0);
    expect(age).toBeLessThan(600);
  });

  test("is told every counter of the health page", async () => {
    const health = (await (await ask("/api/health")).json()) as {
      counters: Record<string, number>;
    };
    const missing = Object.keys(health.counters).filter((counter) => !isTold(counter));
    // Each belongs into COUNTERS of server/src/metrics/serverFamilies.ts and into docs/metrics.md.
    expect(missing).toEqual([]);
  });
});
