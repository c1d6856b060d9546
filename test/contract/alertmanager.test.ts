import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AlertView } from "@hashwatt/protocol/http";
import { systemClock } from "@hashwatt/protocol/time";
import { messagesOf } from "@hashwatt/server/alerts/messages/alertMessage";
import { NOTIFIERS } from "@hashwatt/server/alerts/notifiers/registry";
import { testAlert } from "@hashwatt/server/fixtures/alert";
import { Secret } from "@hashwatt/server/secret";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { ByteReceiver } from "../support/byteReceiver.js";
import { freePort } from "../support/ports.js";
import { startProgram } from "../support/program.js";
import { programs } from "../support/programs.js";
import { scratch } from "../support/stack.js";
import { until } from "../support/wait.js";

const NOW_MS = Date.now();
const alertOf = (id: string, rig: number, more: Partial<AlertView>): AlertView =>
  testAlert(id, {
    subject: { kind: "rig", id: `r${rig}`, name: id },
    rig,
    pendingMs: NOW_MS - 60_000,
    firedMs: NOW_MS - 50_000,
    ...more,
  });

describe.skipIf(!programs.alertmanager)("a real Alertmanager", () => {
  test("takes our alerts, groups them by rule, and ends them when we say so", async () => {
    const folder = scratch("alertmanager");
    const port = await freePort();
    const hook = new ByteReceiver();
    await hook.listen();
    writeFileSync(
      join(folder.path, "alertmanager.yml"),
      `route: { receiver: hook, group_by: [alertname], group_wait: 100ms, group_interval: 200ms }\nreceivers: [{ name: hook, webhook_configs: [{ url: "http://127.0.0.1:${hook.port}/" }] }]\n`,
    );
    const program = startProgram(programs.alertmanager!, [
      `--config.file=${folder.path}/alertmanager.yml`,
      `--storage.path=${folder.path}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ]);
    try {
      const url = new Secret(`http://127.0.0.1:${port}`);
      const notifier = NOTIFIERS.alertmanager.open(
        { id: "am", kind: "alertmanager", url },
        {
          clock: systemClock,
          log: pino({ level: "silent" }),
          world: { publicUrl: "https://farm.example", siteName: (site) => site, zoneOf: () => "UTC" },
          publish: async () => false,
        },
      );
      const tell = (alerts: AlertView[]) =>
        notifier.deliver(
          messagesOf(alerts, 500, true, { why: "fired", sentMs: Date.now() })[0]!,
          new AbortController().signal,
        );
      const hot = alertOf("hot", 1, { rule: "overheating", severity: "danger" });
      const gone = alertOf("b", 2, { rule: "offline" });
      const lost = alertOf("c", 3, { rule: "offline" });
      await until("it takes alerts", async () => (await tell([hot, gone, lost])).kind === "delivered");
      type Shown = {
        labels: Record<string, string>;
        status: { state: string };
        endsAt: string;
        generatorURL: string;
      };
      const shown = async () =>
        (await (await fetch(`http://127.0.0.1:${port}/api/v2/alerts`)).json()) as Shown[];
      const groups = async () =>
        (await (await fetch(`http://127.0.0.1:${port}/api/v2/alerts/groups`)).json()) as {
          labels: Record<string, string>;
          alerts: Shown[];
        }[];
      expect(
        (await groups()).map(({ labels, alerts }) => `${labels.alertname} ${alerts.length}`).sort(),
      ).toEqual(["offline 2", "overheating 1"]);
      const [first] = (await shown()).filter(({ labels }) => labels.alertname === "overheating");
      expect(first).toMatchObject({
        labels: { severity: "critical", site: "north", subject: "r1", name: "hot" },
        generatorURL: "https://farm.example/rigs/r1",
      });
      // Told again before its time is over, it goes on; silence would end it within 5 minutes.
      await tell([hot]);
      const [again] = (await shown()).filter(({ labels }) => labels.alertname === "overheating");
      expect(Date.parse(again!.endsAt)).toBeGreaterThan(Date.parse(first!.endsAt));
      await tell([{ ...gone, state: "resolved", resolvedMs: Date.now() }]);
      await until("only what fires is left", async () => {
        const left = (await shown()).map(({ labels }) => labels.name).sort();
        return left.join() === "c,hot";
      });
      const said = await until("Alertmanager tells of the end", () =>
        hook.asked.find(({ body }) => body.includes('"resolved"')),
      );
      expect(JSON.parse(said.body)).toMatchObject({ groupLabels: { alertname: "offline" } });
    } finally {
      await program.stop();
      hook.close();
      folder.remove();
    }
  });
});
