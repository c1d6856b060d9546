const OF_TIME = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);
const NO_TLS = new Set(["EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"]);

/**
 * Why a connection that was to be encrypted is not, by the code of the failure (Node's and OpenSSL's names); undefined for
 * what is no matter of encryption. The text names neither the address nor what the certificate says.
 */
export function certificateProblem(code: string): string | undefined {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return "its certificate is of another name than the one it is called by here";
  if (OF_TIME.has(code))
    return "its certificate is out of date, or not yet good: renew it, or set the clocks";
  if (/SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|^CERT_|INVALID_CA/.test(code))
    return `its certificate is not of an authority that is known here: name its own in ca or caFile (${code})`;
  return NO_TLS.has(code) ? "it does not speak TLS on this port" : undefined;
}
