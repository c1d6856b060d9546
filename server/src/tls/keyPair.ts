import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { readText } from "../config/secretFile.js";
import type { TlsConfig } from "../config/tls.js";
import { ServerError } from "../error.js";

/** A certificate with its key, as a listener shows it. */
export interface KeyPair {
  options: SecureContextOptions;
  /** Whom it is for, in words. */
  names: string;
  validFromMs: number;
  validToMs: number;
}

/**
 * Reads the certificate and key of a config and checks that a client could be served by them now. `place` is the key that
 * holds them, e.g. `http.tls`. Throws ServerError `config`: one line that names the file and what is wrong with it.
 */
export function readKeyPair(tls: TlsConfig, place: string, nowMs: number): KeyPair {
  const fail = (message: string, cause?: unknown) => new ServerError("config", message, { cause });
  const certAt = `${place}.certFile: ${tls.certFile}`;
  const [cert, key] = [
    readText(tls.certFile, `${place}.certFile`),
    readText(tls.keyFile, `${place}.keyFile`),
  ];
  const chain = tls.chainFile === undefined ? "" : readText(tls.chainFile, `${place}.chainFile`);
  const [certificate, ...others] = certificatesIn(cert);
  if (!certificate) throw fail(`${certAt} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)`);
  if (chain && !certificatesIn(chain).length)
    throw fail(`${place}.chainFile: ${tls.chainFile} holds no certificate in PEM`);
  const privateKey = keyOf(key, tls, place);
  if (!certificate.checkPrivateKey(privateKey))
    throw fail(
      others.some((other) => other.checkPrivateKey(privateKey))
        ? `${certAt} begins with another certificate than that of the key: put the server's own first`
        : `${place}: ${tls.keyFile} is not the key of the certificate in ${tls.certFile}: name two that were made together`,
    );
  const names = namesOf(certificate);
  const [validFromMs, validToMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (nowMs >= validToMs)
    throw fail(`${certAt}: the certificate for ${names} expired on ${day(validToMs)}: renew it`);
  if (nowMs < validFromMs)
    throw fail(
      `${certAt}: the certificate for ${names} is good from ${new Date(validFromMs).toISOString()} on: set this machine's clock, or wait`,
    );
  const options: SecureContextOptions = {
    cert: chain ? `${cert.trimEnd()}\n${chain}` : cert,
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
    minVersion: tls.minVersion,
  };
  try {
    createSecureContext(options);
  } catch (cause) {
    throw fail(
      `${place}: no connection can be made with ${tls.certFile} and ${tls.keyFile} (${(cause as NodeJS.ErrnoException).code})`,
      cause,
    );
  }
  return { options, names, validFromMs, validToMs };
}

/** The date of an instant, UTC. */
export const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Every certificate of a PEM text, in order; those that are none are left out. */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

function keyOf(key: string, { keyFile, passphrase }: TlsConfig, place: string): KeyObject {
  try {
    return createPrivateKey({ key, ...(passphrase && { passphrase: passphrase.reveal() }) });
  } catch {
    // What OpenSSL says of it may quote it.
    const isEncrypted = /ENCRYPTED/.test(key);
    throw new ServerError(
      "config",
      !isEncrypted
        ? `${place}.keyFile: ${keyFile} holds no private key in PEM (-----BEGIN PRIVATE KEY-----)`
        : passphrase
          ? `${place}.keyFile: the passphrase does not open ${keyFile}`
          : `${place}.keyFile: ${keyFile} is encrypted: set ${place}.passphraseFile`,
    );
  }
}

function namesOf({ subjectAltName, subject }: X509Certificate): string {
  const names = (subjectAltName ?? subject ?? "")
    .split(/,\s*|\n/)
    .map((name) => name.replace(/^[^:=]*[:=]/, ""));
  return names.slice(0, 3).join(", ") + (names.length > 3 ? ", …" : "");
}
