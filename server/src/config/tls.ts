import { z } from "zod";
import { Secret } from "../secret.js";

const file = (what: string) => z.string({ error: `must name the PEM file of the ${what}` }).min(1);
const secret = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));

/** The certificate that a listener shows, from files of one's own. They are read again when they change. */
export const tlsSchema = z.strictObject({
  /** PEM file of the certificate, those of its chain behind it (certbot: fullchain.pem). */
  certFile: file("certificate"),
  /** PEM file of its private key (certbot: privkey.pem). */
  keyFile: file("private key"),
  /** Of an encrypted key. */
  passphrase: secret.optional(),
  /** A file whose first line is the passphrase; keeps it out of this one. */
  passphraseFile: z.string().min(1).optional(),
  /** PEM file of the certificates between this one and its authority, where certFile does not hold them. */
  chainFile: z.string().min(1).optional(),
  /** Older versions than this are refused. */
  minVersion: z.enum(["TLSv1.2", "TLSv1.3"]).default("TLSv1.2"),
});
export type TlsConfig = z.infer<typeof tlsSchema>;

/** The same for HTTP, where browsers come. */
export const httpTlsSchema = tlsSchema.extend({
  /** A second port that sends browsers from http: to here. */
  redirectPort: z.int().min(1).max(65_535).optional(),
  /**
   * Days for which browsers shall come to this name by https: only (Strict-Transport-Security). It holds for every port of the
   * name, so by default only a server on 443 says it: 180.
   */
  hstsDays: z.int().min(0).max(730).optional(),
});
export type HttpTlsConfig = z.infer<typeof httpTlsSchema>;
