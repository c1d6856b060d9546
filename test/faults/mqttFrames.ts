/** Control packet types of MQTT 3.1.1 (§2.2.1) that a link may lose or double without breaking the protocol. */
export const PUBLISH = 3;
export const PUBACK = 4;

/** Longest packet that is believed. */
const MAX_PACKET = 16 * 1024 * 1024;

/** Cuts a stream of bytes into MQTT control packets (fixed header and remaining length, §2.2). */
export class MqttFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** Whole packets that are there now; what is left waits for more bytes. Throws on a length that cannot be. */
  push(chunk: Buffer): Buffer[] {
    this.#rest = this.#rest.length ? Buffer.concat([this.#rest, chunk]) : chunk;
    const packets: Buffer[] = [];
    for (;;) {
      const length = lengthOf(this.#rest);
      if (length === undefined || this.#rest.length < length) return packets;
      packets.push(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
    }
  }
}

export const typeOf = (packet: Buffer): number => (packet[0] as number) >> 4;

/** Bytes of the packet that a buffer begins with; undefined while its header is not whole. */
function lengthOf(buffer: Buffer): number | undefined {
  let remaining = 0;
  for (let at = 1; at <= 4; at++) {
    const byte = buffer[at];
    if (byte === undefined) return undefined;
    remaining += (byte & 127) * 128 ** (at - 1);
    if (byte < 128) {
      if (remaining > MAX_PACKET) throw new Error(`a packet of ${remaining} bytes`);
      return 1 + at + remaining;
    }
  }
  throw new Error("a packet length of more than four bytes");
}
