import { statSync } from "node:fs";
import type { SecureContextOptions } from "node:tls";
import type { Clock, Timer } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { TlsConfig } from "../config/tls.js";
import { day, type KeyPair, readKeyPair } from "./keyPair.js";

/** The files are looked at so often. */
const LOOK_MS = 10_000;
const DAY_MS = 86_400_000;
/** So long before its end a certificate should have been renewed, or a third of its life where that is less. */
const SOON_MS = 14 * DAY_MS;

/** A listener whose certificate can be changed while it listens. */
export interface Renewable {
  setSecureContext(options: SecureContextOptions): void;
}

/** How a certificate is, for the health page and the metrics. */
export interface CertificateState {
  ok: boolean;
  note: string;
  validToMs: number;
}

/**
 * The certificate that listeners show. Its files are watched: what a renewal puts there is shown to who connects from then on,
 * without a restart; files that do not fit each other change nothing and are said.
 */
export class ServedCertificate implements Disposable {
  #pair: KeyPair;
  #seen: string;
  /** Why what lies in the files is not served. */
  #problem: string | undefined;
  /** What was warned of: the closer to the end, the higher. */
  #warned = 0;
  readonly #served: Renewable[] = [];
  readonly #timer: Timer;

  /** `place` is the config's key, e.g. `http.tls`. Throws ServerError `config`. */
  constructor(
    private readonly tls: TlsConfig,
    private readonly place: string,
    private readonly clock: Pick<Clock, "nowMs" | "every">,
    private readonly log: Logger,
  ) {
    this.#seen = this.#look();
    this.#pair = readKeyPair(tls, place, clock.nowMs());
    this.#warnOfEnd();
    this.#timer = clock.every(LOOK_MS, () => {
      if (this.#problem !== undefined || this.#look() !== this.#seen) this.reload();
      this.#warnOfEnd();
    });
  }

  /** For a listener that is made now. */
  get options(): SecureContextOptions {
    return this.#pair.options;
  }

  /** Gives a listener each certificate to come. */
  renew(listener: Renewable): void {
    this.#served.push(listener);
  }

  get state(): CertificateState {
    const { names, validToMs } = this.#pair;
    const leftMs = validToMs - this.clock.nowMs();
    if (leftMs <= 0)
      return {
        ok: false,
        validToMs,
        note: this.#problem ?? `the certificate for ${names} expired on ${day(validToMs)}: renew it`,
      };
    if (this.#problem !== undefined)
      return {
        ok: false,
        validToMs,
        note: `${this.#problem}; the former one is in use until ${day(validToMs)}`,
      };
    const note = `for ${names}, until ${day(validToMs)}`;
    return {
      ok: true,
      validToMs,
      note: leftMs < this.#soonMs ? `${note}, in ${inWords(leftMs)}: renew it` : note,
    };
  }

  /** Reads the files again. */
  reload(): void {
    this.#seen = this.#look();
    try {
      this.#pair = readKeyPair(this.tls, this.place, this.clock.nowMs());
    } catch (error) {
      const { message } = error as Error;
      if (this.#problem !== message) this.log.warn({ why: message }, "certificate not renewed");
      this.#problem = message;
      return;
    }
    this.#problem = undefined;
    this.#warned = 0;
    for (const listener of this.#served) listener.setSecureContext(this.#pair.options);
    this.log.info({ names: this.#pair.names, until: day(this.#pair.validToMs) }, "certificate read");
    this.#warnOfEnd();
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  get #soonMs(): number {
    return Math.min(SOON_MS, (this.#pair.validToMs - this.#pair.validFromMs) / 3);
  }

  #warnOfEnd(): void {
    const { validToMs, names } = this.#pair;
    const leftMs = validToMs - this.clock.nowMs();
    const stage = leftMs <= 0 ? 3 : leftMs < this.#soonMs / 4 ? 2 : leftMs < this.#soonMs ? 1 : 0;
    if (stage <= this.#warned) return;
    this.#warned = stage;
    const fields = { certFile: this.tls.certFile, names, until: new Date(validToMs).toISOString() };
    if (stage === 3) this.log.error(fields, "certificate has expired: renew it");
    else this.log.warn(fields, "certificate expires soon: renew it");
  }

  /** What tells one state of the files from another. */
  #look(): string {
    const { certFile, keyFile, chainFile, passphraseFile } = this.tls;
    return [certFile, keyFile, chainFile, passphraseFile]
      .map((path) => {
        const found = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
        return found && `${found.ino} ${found.size} ${found.mtimeMs}`;
      })
      .join(", ");
  }
}

const inWords = (ms: number): string =>
  ms < 2 * DAY_MS ? `${Math.floor(ms / 3_600_000)} h` : `${Math.floor(ms / DAY_MS)} days`;
