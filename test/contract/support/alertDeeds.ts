/** Endpoints that change something about alerts, the name by which the record has it, and a body that they take. */
export const ALERT_DEEDS: readonly [endpoint: string, action: string, body?: unknown][] = [
  ["POST /api/alerts/:id/ack", "alert.ack", {}],
  ["POST /api/alerts/:id/unack", "alert.unack"],
  ["POST /api/alerts/:id/snooze", "alert.snooze", { untilMs: 1 }],
  ["POST /api/alerts/:id/unsnooze", "alert.unsnooze"],
  ["POST /api/alerts/silence", "silence.add", { match: { sites: ["farm"] }, untilMs: Date.now() + 600_000 }],
  ["DELETE /api/alerts/silences/:id", "silence.end"],
  ["PUT /api/alerts/channels/:id", "channel.set", { kind: "log" }],
  ["DELETE /api/alerts/channels/:id", "channel.remove"],
  ["POST /api/alerts/channels/:id/test", "channel.test"],
  ["PUT /api/alerts/routes/:id", "route.set", {}],
  ["DELETE /api/alerts/routes/:id", "route.remove"],
  ["POST /api/alerts/dead-letters/:id/send", "message.send"],
  ["DELETE /api/alerts/dead-letters/:id", "message.remove"],
];
