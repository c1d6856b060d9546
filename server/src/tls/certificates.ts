import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { ServerConfig } from "../config/schema.js";
import { ServedCertificate } from "./servedCertificate.js";

/** The certificates of the listeners that have one. */
export class Certificates implements Disposable {
  readonly http: ServedCertificate | undefined;
  readonly mqtt: ServedCertificate | undefined;

  /** Throws ServerError `config` where one cannot be served. */
  constructor({ http, broker }: Pick<ServerConfig, "http" | "broker">, clock: Clock, log: Logger) {
    const serve = (tls: ServerConfig["http"]["tls"], place: string) =>
      tls && new ServedCertificate(tls, place, clock, log);
    this.http = serve(http.tls, "http.tls");
    if (typeof broker === "object" && "embedded" in broker)
      this.mqtt = serve(broker.embedded.tls, "broker.embedded.tls");
  }

  /** Each by its listener. */
  get all(): [listener: "http" | "mqtt", certificate: ServedCertificate][] {
    const { http, mqtt } = this;
    return [...(http ? [["http", http] as const] : []), ...(mqtt ? [["mqtt", mqtt] as const] : [])].map(
      ([name, certificate]) => [name, certificate],
    );
  }

  /** Reads all files again. */
  reload(): void {
    for (const [, certificate] of this.all) certificate.reload();
  }

  [Symbol.dispose](): void {
    for (const [, certificate] of this.all) certificate[Symbol.dispose]();
  }
}
