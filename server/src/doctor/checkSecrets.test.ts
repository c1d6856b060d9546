import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@hashwatt/protocol/time";
import { afterAll, expect, test } from "vitest";
import { keptBody } from "../alerts/delivery/keptChannel.js";
import { configSchema } from "../config/schema.js";
import { configuredBox } from "../sealing/configuredBox.js";
import { KEY_FILE } from "../sealing/secretsKey.js";
import { openStores } from "../store/registry.js";
import { checkSecrets } from "./checkSecrets.js";

const dataDir = mkdtempSync(join(tmpdir(), "hashwatt-doctor-secrets-"));
afterAll(() => rmSync(dataDir, { recursive: true }));

test("the doctor says whether the secrets of channels can be read, who else reads their key, and what lies in clear", async () => {
  const config = configSchema.parse({ store: { kind: "duckdb", dataDir } });
  const look = async () => {
    const found = await checkSecrets(config, dataDir);
    expect(JSON.stringify(found ?? "")).not.toContain("5ecret");
    return found && [found.grade, found.text];
  };
  const put = async (body: unknown) => {
    const stores = await openStores({ dataDir, kind: "duckdb", clock: systemClock });
    await stores.state.documents.change({
      put: [{ kind: "channel", site: "", id: "hook", body, changedMs: 1 }],
    });
    await stores.close();
  };
  expect(await look()).toBeUndefined();
  const channel = { kind: "slack" as const, url: "https://h/5ecret" };
  await put(channel);
  expect(await look()).toEqual(["warn", "secrets of hook lie in clear: the next start seals them"]);
  await put(keptBody(configuredBox(config), "hook", channel));
  expect(await look()).toEqual(["ok", "1 made on the page; their secrets are sealed and can be read"]);
  const key = join(dataDir, KEY_FILE);
  chmodSync(key, 0o644);
  expect(await look()).toEqual(["warn", `${key} can be read by others: chmod 600 ${key}`]);
  rmSync(key);
  expect(await look()).toEqual([
    "wrong",
    `secrets of hook cannot be read: put the key back that sealed them (${key}), or enter them again on the page Alerts`,
  ]);
});
