import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, test, vi } from "vitest";
import { loadConfig } from "../config.js";
import { serverAddress } from "./clientConfig.js";
import { readableByAll } from "./openFiles.js";

const folder = mkdtempSync(join(tmpdir(), "hashwatt-secrets-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const file = (text: string, mode = 0o600): string => {
  const path = join(folder, `${files++}`);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

describe("a config that is wrong", () => {
  test.each([
    "http: { password: *5ecret-word }",
    "http: { password: [5ecret-word }",
    'http: { password: "5ecret-word }',
    "http: { password: %5ecret-word }",
    "http: { password: { 5ecret-word: x } }",
    "http: { password: &5ecret-word }",
    "http:\n  password: a\n 5ecret-word: b",
    "http: { password: long-enough, password: 5ecret-word }",
    "http: { password: !5ecret-word x }",
    "http: { tokens: 5ecret-word }",
    "http: { tokens: [5ecret-word] }",
    "http: { tls: { passphrase: [5ecret-word], certFile: x, keyFile: y } }",
    "5ecret-word",
    "webhook: 5ecret-word",
    "webhook: ftp://u:5ecret-word@h/5ecret-word",
    "broker: { url: 'mqtt://u:5ecret-word@h' }",
    "broker: { url: 'mqtt://h', password: 5ecret-word, passwordFile: x }",
    "broker: { url: 'mqtt://h', pasword: 5ecret-word }",
    "broker: { embedded: { users: [{ name: A1, password: 5ecret-word }] } }",
    "store: { influx: { url: 'http://u:5ecret-word@h:8086' } }",
    "store: { influx: { url: 'http://h:8086', token: 5ecret-word, password: 5ecret-word } }",
  ])("is refused in a line that holds nothing of a secret: %s", (text) => {
    const warn = vi.spyOn(process, "emitWarning");
    let error: Error | undefined;
    try {
      loadConfig(file(text), {});
    } catch (caught) {
      error = caught as Error;
    }
    expect(error?.message).toBeDefined();
    expect(error!.message).not.toMatch(/5ecret-word|\n/);
    // The parser would show the line that it wonders about.
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test("is refused by the name of its variable and not by its value", () => {
    for (const name of ["HTTP_PASWORD", "WEBHOOK", "BROKER_URL", "STORE_INFLUX_URL", "HTTP_TOKENS"])
      try {
        loadConfig(undefined, { [`HASHWATT_SERVER_${name}`]: "x://u:5ecret-word@h" });
        throw new Error("was not refused");
      } catch (error) {
        expect((error as Error).message).toContain(name);
        expect((error as Error).message).not.toContain("5ecret-word");
      }
  });
});

test("a URL on the command line that holds a password is refused without it", () => {
  const told = { url: "http://u:5ecret-word@h" };
  expect(() => serverAddress(told, () => loadConfig(undefined, {}), {})).toThrow(
    /^--url: must be a URL[^@]*$/,
  );
});

test("files with secrets that every user of the machine may read are named, and those of the server alone are not", () => {
  const open = file("long enough\n", 0o644);
  const closed = file("0123456789abcdef-token\n", 0o640);
  const text = JSON.stringify({
    http: { passwordFile: open, tokensFile: closed },
    broker: { embedded: { users: [{ name: "home/a1", passwordFile: open }] } },
  });
  const config = loadConfig(file(text), {});
  expect(readableByAll(config)).toEqual([
    { key: "http.passwordFile", path: open },
    { key: "broker.embedded.users[0].passwordFile", path: open },
  ]);
  expect(inspect(config, { depth: 9 })).not.toContain("long enough");
});
