import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { programs } from "./programs.js";

/** PEM files of an authority and of a broker's certificate for localhost and 127.0.0.1 that it signed. */
export interface Certificates {
  ca: string;
  cert: string;
  key: string;
}

/** Makes an authority and a broker's certificate in `folder`, good for two days. */
export function makeCertificates(folder: string): Certificates {
  if (!programs.openssl) throw new Error("openssl is not installed: apt-get install openssl");
  const openssl = (...args: string[]) =>
    execFileSync(programs.openssl!, args, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "rsa:2048", "-nodes"];
  const subject = (name: string) => ["-subj", `/CN=${name}`];
  openssl(
    ...["req", "-x509", ...key, "-days", "2", "-keyout", "ca.key", "-out", "ca.crt"],
    ...subject("Hashwatt test CA"),
  );
  openssl("req", ...key, "-keyout", "broker.key", "-out", "broker.csr", ...subject("localhost"));
  writeFileSync(join(folder, "san.cnf"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  openssl(
    ...["x509", "-req", "-in", "broker.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-out", "broker.crt", "-days", "2", "-extfile", "san.cnf"],
  );
  return { ca: join(folder, "ca.crt"), cert: join(folder, "broker.crt"), key: join(folder, "broker.key") };
}
