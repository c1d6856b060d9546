import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programs } from "./programs.js";

/** PEM files of an authority and of a server's certificate that it signed. */
export interface Certificates {
  ca: string;
  cert: string;
  key: string;
}

/** What a certificate says. */
export interface CertificateOptions {
  /** As `subjectAltName` of OpenSSL; by default localhost and 127.0.0.1. */
  names?: string;
  /** How long it is good from now on; 0 is over at once. */
  days?: number;
  /** Encrypts the key. */
  passphrase?: string;
}

/** Makes an authority and a broker's certificate in `folder`, good for two days. */
export function makeCertificates(folder: string, options: CertificateOptions = {}): Certificates {
  const ca = makeAuthority(folder);
  return { ca, ...signCertificate(folder, "broker", options) };
}

function openssl(folder: string, ...args: string[]): void {
  if (!programs.openssl) throw new Error("openssl is not installed: apt-get install openssl");
  execFileSync(programs.openssl, args, { cwd: folder, stdio: "pipe" });
}

// As fast as a test wants it; RSA is what the distribution's programs are tested with elsewhere.
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];

/** Makes an authority, `ca.crt` and `ca.key` in `folder`. */
export function makeAuthority(folder: string): string {
  mkdirSync(folder, { recursive: true });
  openssl(
    folder,
    ...["req", "-x509", ...NEW_KEY, "-nodes", "-days", "3650", "-keyout", "ca.key", "-out", "ca.crt"],
    ...["-subj", "/CN=Hashwatt test CA"],
  );
  return join(folder, "ca.crt");
}

/** Has the authority of `folder` sign another certificate, `<name>.crt` with `<name>.key`. */
export function signCertificate(
  folder: string,
  name: string,
  { names = "DNS:localhost,IP:127.0.0.1", days = 2, passphrase }: CertificateOptions = {},
): { cert: string; key: string } {
  const secrecy = passphrase === undefined ? ["-nodes"] : ["-passout", `pass:${passphrase}`];
  openssl(
    folder,
    ...["req", ...NEW_KEY, ...secrecy, "-keyout", `${name}.key`, "-out", `${name}.csr`],
    ...["-subj", "/CN=localhost"],
  );
  writeFileSync(join(folder, "san.cnf"), `subjectAltName=${names}\n`);
  openssl(
    folder,
    ...["x509", "-req", "-in", `${name}.csr`, "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-out", `${name}.crt`, "-days", `${days}`, "-extfile", "san.cnf"],
  );
  return { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}
