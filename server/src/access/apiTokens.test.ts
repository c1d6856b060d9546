import { describe, expect, test } from "vitest";
import { Secret } from "../secret.js";
import { ApiTokens, type ConfigToken } from "./apiTokens.js";

const DAY_MS = 86_400_000;
const start = async (configured: ConfigToken[] = []) => {
  const kept = { text: undefined as string | undefined, full: false };
  const now = { ms: Date.UTC(2026, 10, 26) };
  const open = () =>
    ApiTokens.open(
      configured,
      {
        read: async () => kept.text,
        write: async (text) => {
          if (kept.full) throw new Error("no room");
          kept.text = text;
        },
      },
      () => now.ms,
    );
  return { kept, now, open, tokens: await open() };
};

describe("API tokens", () => {
  test("are kept as digests, outlive a restart with their last use, and are forgotten a month after their end", async () => {
    const { kept, now, open, tokens } = await start();
    const { token, id } = await tokens.create("grafana", "operate", 1, "ann");
    expect(kept.text).not.toContain(token);
    now.ms += 1_000;
    expect(tokens.of(token)).toEqual({ id, name: "grafana", role: "operator", by: "token" });
    await tokens.saveUses();
    const later = await open();
    expect(later.list()).toMatchObject([{ id, createdBy: "ann", lastUsedMs: now.ms, state: "valid" }]);
    now.ms += DAY_MS;
    expect(later.of(token)).toEqual({ ended: "expired", atMs: now.ms - 1_000 });
    expect(later.takeEnded()).toEqual([id]);
    expect(later.takeEnded()).toEqual([]);
    // The name is free again.
    await later.create("grafana", "read", 1, "ann");
    expect(later.list().map(({ state }) => state)).toEqual(["valid", "expired"]);
    now.ms += 31 * DAY_MS;
    await later.create("another", "read", 1, "ann");
    expect(later.of(token)).toBeUndefined();
  });

  test("are as they were when the disk takes no change", async () => {
    const { kept, tokens } = await start();
    const { token } = await tokens.create("grafana", "read", 1, "ann");
    kept.full = true;
    await expect(tokens.create("another", "read", 1, "ann")).rejects.toThrow("no room");
    await expect(tokens.revoke("grafana")).rejects.toThrow("no room");
    expect(tokens.list().map(({ name }) => name)).toEqual(["grafana"]);
    expect(tokens.of(token)).toHaveProperty("role", "viewer");
    kept.full = false;
    await tokens.revoke("grafana");
    expect(tokens.of(token)).toMatchObject({ ended: "revoked" });
  });

  test("of the config have the scope and end that it says, and are not revoked here", async () => {
    const text = "0123456789abcdef-config";
    const { now, tokens } = await start([
      { token: new Secret(text), name: "old", scope: "read", expiresMs: Date.UTC(2026, 10, 27) },
    ]);
    expect(tokens.of(text)).toMatchObject({ name: "old", role: "viewer" });
    await expect(tokens.revoke("old")).rejects.toThrow(/declared in the server's config/);
    now.ms += DAY_MS;
    expect(tokens.of(text)).toMatchObject({ ended: "expired" });
  });
});
