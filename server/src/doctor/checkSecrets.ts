import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { readChannel } from "../alerts/delivery/keptChannel.js";
import type { ServerConfig } from "../config.js";
import { configuredBox } from "../sealing/configuredBox.js";
import { KEY_FILE } from "../sealing/secretsKey.js";
import { reading, STATE_FILE } from "../store/inspect.js";
import { bad, doubtful, type Finding, good } from "./finding.js";

/**
 * Whether the secrets of channels that were made on the page can be read with the key that is there. Undefined where there
 * are none, or the state cannot be looked at, which {@link checkStore} says.
 */
export async function checkSecrets(
  config: Pick<ServerConfig, "alerts" | "store">,
  dataDir: string,
): Promise<Finding | undefined> {
  const path = join(dataDir, STATE_FILE);
  if (config.store.kind === "memory" || !existsSync(path)) return undefined;
  const bodies = await channelsOf(path).catch(() => undefined);
  if (!bodies?.length) return undefined;
  const box = configuredBox(config);
  const kept = bodies.flatMap(({ id, body }) => {
    const channel = readChannel(box, { kind: "channel", site: "", id, body, changedMs: 0 });
    return channel ? [channel] : [];
  });
  const lost = kept.filter((channel) => channel.lost.length).map(({ config: { id } }) => id);
  const file = join(dataDir, KEY_FILE);
  if (lost.length)
    return bad(
      "channels",
      `secrets of ${lost.join(", ")} cannot be read: put the key back that sealed them (${config.alerts.secretsKey ? "alerts.secretsKey" : file}), or enter them again on the page Alerts`,
    );
  const clear = kept.filter((channel) => channel.clear).map(({ config: { id } }) => id);
  if (clear.length)
    return doubtful("channels", `secrets of ${clear.join(", ")} lie in clear: the next start seals them`);
  if (!config.alerts.secretsKey && existsSync(file) && statSync(file).mode & 0o077)
    return doubtful("channels", `${file} can be read by others: chmod 600 ${file}`);
  return good("channels", `${kept.length} made on the page; their secrets are sealed and can be read`);
}

const channelsOf = (path: string): Promise<{ id: string; body: unknown }[]> =>
  reading(path, async (connection) => {
    const rows = await connection.runAndReadAll(
      "SELECT id, body FROM documents WHERE kind = 'channel' ORDER BY id",
    );
    return rows
      .getRowObjects()
      .map(({ id, body }) => ({ id: String(id), body: JSON.parse(String(body)) as unknown }));
  });
