import { createHash, randomBytes } from "node:crypto";
import type { ServerConfig } from "../config/schema.js";
import type { StateStore } from "../store/state/state.js";
import { deriveKey } from "./passwordHash.js";

const SALT = "access/salt";

/** A key that only who knows the secrets of the config can make: what a thief of the state file finds there fits no token. */
export async function sessionKey(
  { password, tokens, users }: Pick<ServerConfig["http"], "password" | "tokens" | "users">,
  state: Pick<StateStore, "setting" | "putSetting">,
): Promise<Buffer> {
  let salt = await state.setting(SALT);
  if (salt === undefined) {
    salt = randomBytes(16).toString("base64url");
    await state.putSetting(SALT, salt);
  }
  const secrets = [
    password?.reveal() ?? "",
    ...tokens.map(({ token }) => token.reveal()).sort(),
    ...users.map((user) => user.password?.reveal() ?? "").sort(),
  ];
  const text = createHash("sha256").update(JSON.stringify(secrets)).digest("base64url");
  return deriveKey(text, Buffer.from(salt, "base64url"));
}
