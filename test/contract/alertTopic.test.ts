import type { AlertMessage } from "@hashwatt/server/alerts/messages/alertMessage";
import { expect, test } from "vitest";
import { fullRig, startToldServer } from "../support/toldServer.js";
import { until } from "../support/wait.js";

test("alerts are told on the server's own broker, as a channel of its kind says", async () => {
  const server = await startToldServer({ alerts: { channels: [{ id: "bus", kind: "mqtt" }] } });
  try {
    const told: { topic: string; message: AlertMessage }[] = [];
    server.mqtt.on("message", (topic, payload) => {
      if (topic.endsWith("/alerts")) told.push({ topic, message: JSON.parse(payload.toString()) });
    });
    await server.mqtt.subscribeAsync("hashwatt/v1/+/alerts", { qos: 1 });
    const hot = { ...fullRig(1), sample: { ...fullRig(1).sample, chipTempC: 120 } };
    await server.tell([hot]);
    server.later(5_000);
    await server.tell([hot]);
    await until("an alert is heard", () => told.length > 0);
    expect(told[0]).toMatchObject({
      topic: "hashwatt/v1/farm/alerts",
      message: { v: 1, why: "fired", alerts: [{ rule: "overheating", state: "firing", severity: "danger" }] },
    });
    const tested = await fetch(`${server.url}/api/alerts/channels/bus/test`, {
      method: "POST",
      headers: { origin: server.url },
    });
    expect(await tested.json()).toEqual({ delivered: true });
    await until("the test is heard", () =>
      told.some(
        ({ topic, message }) => topic === "hashwatt/v1/hashwatt-test/alerts" && message.why === "test",
      ),
    );
  } finally {
    await server.close();
  }
});
