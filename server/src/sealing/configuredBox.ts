import { resolve } from "node:path";
import type { ServerConfig } from "../config/schema.js";
import { SecretBox } from "./secretBox.js";
import { givenKey, keyFile, passingKey } from "./secretsKey.js";

/** What seals under the key of a config, else that of its data folder; with a memory store under one that is forgotten with it. */
export function configuredBox({
  alerts,
  store,
}: Pick<ServerConfig, "alerts"> & { store: Pick<ServerConfig["store"], "kind" | "dataDir"> }): SecretBox {
  if (alerts.secretsKey) return new SecretBox(givenKey(alerts.secretsKey));
  return new SecretBox(store.kind === "memory" ? passingKey() : keyFile(resolve(store.dataDir)));
}
