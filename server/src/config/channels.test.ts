import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, expect, test } from "vitest";
import { parseConfig } from "../config.js";

const folder = mkdtempSync(join(tmpdir(), "hashwatt-channels-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = "a.yaml: alerts.channels[0]";

test("channels take their secrets from the config, from files and from the environment, and print none", () => {
  const path = join(folder, "key");
  writeFileSync(path, "5ecret-key\n");
  const { alerts } = parseConfig(
    `alerts: { channels: [{ id: hook, kind: webhook, url: "https://h/5ecret", keyFile: "${path}" }, { id: on-duty, kind: telegram, chat: "-1" }], deadMan: { url: "https://h/5ecret-dead" } }`,
    "a.yaml",
    { HASHWATT_SERVER_CHANNEL_ON_DUTY_TOKEN: "5ecret-token" },
  );
  expect(
    alerts.channels.map(({ url, key, token }) => [url, key, token].map((each) => each?.reveal())),
  ).toEqual([
    ["https://h/5ecret", "5ecret-key", undefined],
    [undefined, undefined, "5ecret-token"],
  ]);
  expect(alerts.deadMan).toMatchObject({ everyMs: 60_000 });
  expect(JSON.stringify(alerts) + inspect(alerts, { depth: 9 })).not.toContain("5ecret");
});

test.each([
  ["{ id: a, kind: slack }", `${at}.url: is missing: a channel of kind slack needs it`],
  ["{ id: a, kind: slack, url: 'ftp://5ecret' }", `${at}.url: must be an http(s) URL`],
  ["{ id: a, kind: log, url: 'http://5ecret' }", `${at}.url: means nothing to a channel of kind log`],
  ["{ id: a, kind: ntfy, url: 'https://ntfy.sh' }", `${at}.url: must be the URL of a topic`],
  ["{ id: a, kind: ntfy, url: 'https://ntfy.sh/5ecret-50%off' }", `${at}.url: must be the URL of a topic`],
  ["{ id: webhook, kind: log }", `${at}.id: is the name of the key webhook`],
  ["{ id: a, kind: log }, { id: a, kind: mqtt }", "a.yaml: alerts.channels[1].id: is there twice"],
  ["{ id: a, kind: pigeon }", `${at}.kind`],
  ["{ id: a, kind: log, tokn: x }", "unknown key alerts.channels[0].tokn; did you mean token?"],
  ["{ id: a, kind: email, host: h, from: 'a@b@c', to: [a@b] }", `${at}.from: must be an address`],
  ["{ id: a, kind: webhook, url: 'https://5ecret', caFile: /nowhere }", `${at}.caFile: cannot read /nowhere`],
  [
    "{ id: a, kind: webhook, url: 'https://5ecret', ca: 5ecret }",
    `${at}.ca: must be one or more certificates`,
  ],
  ["{ id: a, kind: log, ca: 5ecret }", `${at}.ca: means nothing to a channel of kind log`],
])("refuses %s with one line that names the key and no secret", (channels, message) => {
  let said = "";
  try {
    parseConfig(`alerts: { channels: [${channels}] }`, "a.yaml", {});
  } catch (error) {
    said = (error as Error).message;
  }
  expect(said).toContain(message);
  expect(said).not.toMatch(/5ecret|\n/);
});

test("a key that seals has at least 32 characters", () => {
  const key = "5ecret-0123456789-0123456789-abcdef";
  expect(parseConfig(`alerts: { secretsKey: "${key}" }`, "a.yaml", {}).alerts.secretsKey?.reveal()).toBe(key);
  expect(() => parseConfig("alerts: { secretsKey: 5ecret-short }", "a.yaml", {})).toThrow(
    /^a\.yaml: alerts\.secretsKey: must have at least 32 characters$/,
  );
});
