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
import { type Program, startProgram } from "../support/program.js";
import { programs } from "../support/programs.js";
import { scratch } from "../support/stack.js";
import { fullRig, startToldServer } from "../support/toldServer.js";
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

/** Starts one whose state is in `folder`, which tells `hook` of groups of one alert name. */
function startAlertmanager(folder: string, port: number, hook: string): Program {
  writeFileSync(
    join(folder, "alertmanager.yml"),
    `route: { receiver: hook, group_by: [alertname], group_wait: 100ms, group_interval: 200ms }\nreceivers: [{ name: hook, webhook_configs: [{ url: "${hook}" }] }]\n`,
  );
  return startProgram(programs.alertmanager!, [
    `--config.file=${folder}/alertmanager.yml`,
    `--storage.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--cluster.listen-address=",
  ]);
}

describe.skipIf(!programs.alertmanager)("a real Alertmanager", () => {
  test("takes our alerts, groups them by rule, and ends them when we say so", async () => {
    const folder = scratch("alertmanager");
    const port = await freePort();
    const hook = new ByteReceiver();
    await hook.listen();
    const program = startAlertmanager(folder.path, port, `http://127.0.0.1:${hook.port}/`);
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
      // What it has taken it shows and groups some time after it has answered.
      await until("it groups them by rule", async () => {
        const grouped = (await groups()).map(({ labels, alerts }) => `${labels.alertname} ${alerts.length}`);
        return grouped.sort().join() === "offline 2,overheating 1";
      });
      const [first] = (await shown()).filter(({ labels }) => labels.alertname === "overheating");
      expect(first).toMatchObject({
        labels: { severity: "critical", site: "north", subject: "r1", kind: "rig" },
        annotations: { name: "hot" },
        generatorURL: "https://farm.example/rigs/r1",
      });
      // Told again before its time is over, it goes on; silence would end it within 5 minutes.
      await tell([hot]);
      await until("its end is put off", async () => {
        const [again] = (await shown()).filter(({ labels }) => labels.alertname === "overheating");
        return Date.parse(again!.endsAt) > Date.parse(first!.endsAt);
      });
      await tell([{ ...gone, state: "resolved", resolvedMs: Date.now() }]);
      await until("only what fires is left", async () => {
        const left = (await shown()).map(({ labels }) => labels.subject).sort();
        return left.join() === "r1,r3";
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

  test("that begins anew with nothing hears of all that fires within a minute, well before it would believe it over", async () => {
    const [before, after] = [scratch("alertmanager-before"), scratch("alertmanager-after")];
    const port = await freePort();
    let program = startAlertmanager(before.path, port, "http://127.0.0.1:9/");
    const server = await startToldServer({
      alerts: { channels: [{ id: "am", kind: "alertmanager", url: `http://127.0.0.1:${port}` }] },
    });
    const known = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v2/alerts`).catch(() => undefined);
      const alerts = ((await answer?.json()) ?? []) as { labels: Record<string, string>; endsAt: string }[];
      return alerts.filter(({ labels }) => labels.alertname === "overheating");
    };
    try {
      await until("it is there", async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok);
      const hot = { ...fullRig(5), sample: { ...fullRig(5).sample, chipTempC: 120 } };
      await server.tell([hot]);
      server.later(5_000);
      await server.tell([hot]);
      await until("it knows the alert", async () => (await known()).length === 1);
      await program.stop();
      program = startAlertmanager(after.path, port, "http://127.0.0.1:9/");
      await until("it is there again", async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok);
      expect(await known()).toEqual([]);
      server.later(60_000);
      const [again] = await until("it knows the alert again", async () => {
        const alerts = await known();
        return alerts.length > 0 && alerts;
      });
      // Its own resolve_timeout is five minutes: what it is told holds as long, and is said again every minute.
      expect(Date.parse(again!.endsAt) - Date.now()).toBeGreaterThan(240_000);
    } finally {
      await server.close();
      await program.stop();
      before.remove();
      after.remove();
    }
  });
});
