import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SecureContextOptions } from "node:tls";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tlsSchema } from "../config/tls.js";
import { ServerError } from "../error.js";
import { Secret } from "../secret.js";
import { readKeyPair } from "./keyPair.js";
import { ServedCertificate } from "./servedCertificate.js";

const folder = mkdtempSync(join(tmpdir(), "hashwatt-tls-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const DAY_MS = 86_400_000;

/** A certificate that signs itself, with its key. */
function make(name: string, days: number, ...secrecy: string[]): void {
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...(secrecy.length ? secrecy : ["-nodes"]),
      ...["-days", `${days}`, "-keyout", `${name}.key`, "-out", `${name}.crt`, "-subj", `/CN=${name}`],
      ...["-addext", `subjectAltName=DNS:${name}.example`],
    ],
    { cwd: folder, stdio: "pipe" },
  );
}
const config = (cert: string, key: string, more: object = {}) =>
  tlsSchema.parse({ certFile: at(cert), keyFile: at(key), ...more });

let nowMs: number;
beforeAll(() => {
  make("a", 90);
  make("b", 365);
  make("locked", 90, "-passout", "pass:open sesame");
  nowMs = Date.now() + 60_000;
  writeFileSync(at("junk"), "no pem\n");
  writeFileSync(at("b-a.crt"), readFileSync(at("b.crt"), "utf8") + readFileSync(at("a.crt"), "utf8"));
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(at("rsa.key"), privateKey.export({ type: "pkcs8", format: "pem" }));
});

describe("a certificate and its key", () => {
  test.each([
    ["none.crt", "a.key", "x.certFile: cannot read", 0],
    ["a.crt", "none.key", "x.keyFile: cannot read", 0],
    ["junk", "a.key", "junk holds no certificate in PEM", 0],
    ["a.crt", "junk", "junk holds no private key in PEM", 0],
    ["a.crt", "a.crt", "a.crt holds no private key in PEM", 0],
    ["a.crt", "b.key", "b.key is not the key of the certificate in", 0],
    ["a.crt", "rsa.key", "rsa.key is not the key of the certificate in", 0],
    [
      "b-a.crt",
      "a.key",
      "begins with another certificate than that of the key: put the server's own first",
      0,
    ],
    ["locked.crt", "locked.key", "locked.key is encrypted: set x.passphraseFile", 0],
    ["a.crt", "a.key", /the certificate for a\.example expired on \d{4}-\d\d-\d\d: renew it$/, 91],
    ["a.crt", "a.key", "set this machine's clock, or wait", -2],
  ])("that cannot be served are refused in one line: %s with %s: %s", (cert, key, said, days) => {
    let error: unknown;
    try {
      readKeyPair(config(cert, key), "x", nowMs + days * DAY_MS);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ServerError);
    const { message, code } = error as ServerError;
    expect(code).toBe("config");
    expect(message).toMatch(said);
    expect(message).not.toMatch(/\n|BEGIN PRIVATE KEY-----M/);
  });

  test("are opened by the passphrase, and a wrong one is not said", () => {
    const locked = (passphrase: string) => ({
      ...config("locked.crt", "locked.key"),
      passphrase: new Secret(passphrase),
    });
    expect(readKeyPair(locked("open sesame"), "x", nowMs).names).toBe("locked.example");
    expect(() => readKeyPair(locked("close sesame"), "x", nowMs)).toThrow(
      /^x\.keyFile: the passphrase does not open \S+locked\.key$/,
    );
  });

  test("go with the certificates of a chain in a file of their own", () => {
    const { options } = readKeyPair(config("a.crt", "a.key", { chainFile: at("b.crt") }), "x", nowMs);
    expect(String(options.cert).match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(() => readKeyPair(config("a.crt", "a.key", { chainFile: at("junk") }), "x", nowMs)).toThrow(
      /x\.chainFile: \S+ holds no certificate/,
    );
  });
});

describe("a served certificate", () => {
  function serve() {
    for (const kind of ["crt", "key"]) copyFileSync(at(`a.${kind}`), at(`live.${kind}`));
    const lines: { level: number; msg: string; why?: string }[] = [];
    const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    let now = nowMs;
    let look = () => {};
    const clock = {
      nowMs: () => now,
      every: (_ms: number, task: () => void) => {
        look = task;
        return { [Symbol.dispose]() {} };
      },
    };
    /** Lets time pass, with one look at its end. */
    const wait = (ms: number) => {
      now += ms;
      look();
    };
    const certificate = new ServedCertificate(config("live.crt", "live.key"), "x", clock, log);
    const shown: SecureContextOptions[] = [];
    certificate.renew({ setSecureContext: (options) => void shown.push(options) });
    /** Puts other files there, as a renewal does; their times are told apart. */
    let seconds = 1;
    const put = (name: string, kind: "crt" | "key") => {
      copyFileSync(at(`${name}.${kind}`), at(`live.${kind}`));
      const time = nowMs / 1_000 + seconds++;
      utimesSync(at(`live.${kind}`), time, time);
    };
    return { certificate, wait, lines, shown, put };
  }

  test("is renewed when its files change, and the former one stays while they do not fit each other", () => {
    const { certificate, wait, lines, shown, put } = serve();
    expect(certificate.state).toMatchObject({
      ok: true,
      note: expect.stringMatching(/^for a\.example, until /),
    });
    put("b", "crt");
    for (let i = 0; i < 6; i++) wait(10_000);
    expect(shown).toEqual([]);
    expect(certificate.state.ok).toBe(false);
    expect(certificate.state.note).toMatch(/is not the key of .*; the former one is in use until /);
    // Said once, not at every look.
    expect(lines.map(({ msg }) => msg)).toEqual(["certificate not renewed"]);
    put("b", "key");
    wait(10_000);
    expect(shown).toHaveLength(1);
    expect(certificate.state).toMatchObject({ ok: true, note: expect.stringContaining("for b.example") });
    expect(lines.map(({ msg }) => msg)).toEqual(["certificate not renewed", "certificate read"]);
    certificate[Symbol.dispose]();
  });

  test("is read again at once when asked to", () => {
    const { certificate, shown, put } = serve();
    put("b", "crt");
    put("b", "key");
    certificate.reload();
    expect(shown).toHaveLength(1);
    certificate[Symbol.dispose]();
  });

  test("says two weeks before its end that it ends, again when it is near, and that it is over", () => {
    const { certificate, wait, lines } = serve();
    const said = () => lines.map(({ level, msg }) => `${level} ${msg}`);
    wait(75 * DAY_MS);
    expect(said()).toEqual([]);
    wait(2 * DAY_MS);
    expect(said()).toEqual(["40 certificate expires soon: renew it"]);
    expect(certificate.state).toMatchObject({
      ok: true,
      note: expect.stringMatching(/, in 12 days: renew it$/),
    });
    wait(11 * DAY_MS);
    expect(said()).toHaveLength(2);
    expect(certificate.state.note).toMatch(/, in \d\d h: renew it$/);
    wait(3 * DAY_MS);
    expect(said().at(-1)).toBe("50 certificate has expired: renew it");
    expect(said()).toHaveLength(3);
    expect(certificate.state).toMatchObject({ ok: false, note: expect.stringContaining("expired on") });
    certificate[Symbol.dispose]();
  });
});
