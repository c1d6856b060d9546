import { SimulatorError } from "./errors.js";

/** Where one rig is to be reached. */
export interface RigAddress {
  address: string;
  port: number;
  /** Its web interface, where it has one that is served. */
  httpPort?: number;
  /** Its WhatsMiner API 3, where it has one. */
  v3Port?: number;
}

/**
 * How rigs are told apart: `per-address`, one listener on each 127.x address; `wildcard`, one listener on 0.0.0.0
 * that looks at the address it was called by; `per-port`, 127.0.0.1 with a port each, where 127.x is not routable.
 */
export type Layout = "per-address" | "wildcard" | "per-port";

/** Above this one listener a rig costs more than it is worth: start-up time, memory, descriptors. */
export const MOST_LISTENERS = 256;

/** Rigs that 127.10.0.1 upwards has room for, and more than one process should pretend to be. */
export const MOST_RIGS = 65_000;

const LOOPBACK = /^127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Whether the text is an address in 127/8, the only ones that the simulator answers on. */
export function isLoopback(address: string): boolean {
  return LOOPBACK.test(address) && address.split(".").every((octet) => Number(octet) <= 255);
}

/** `count` addresses from `base` upwards, without last octets 0 and 255. Throws when they leave 127/8. */
export function consecutiveAddresses(base: string, count: number): string[] {
  if (!isLoopback(base)) {
    throw new SimulatorError(
      "bad-option",
      `base "${base}" is not a loopback address: give one like 127.10.0.1`,
    );
  }
  const [, second, third, fourth] = base.split(".").map(Number) as [number, number, number, number];
  const addresses: string[] = [];
  for (let host = (second * 256 + third) * 256 + fourth; addresses.length < count; host++) {
    const last = host % 256;
    if (last === 0 || last === 255) continue;
    if (host >= 256 ** 3) {
      throw new SimulatorError(
        "bad-option",
        `${count} rigs from ${base} leave 127.0.0.0/8: choose a lower --base`,
      );
    }
    addresses.push(`127.${Math.floor(host / 65_536)}.${Math.floor(host / 256) % 256}.${last}`);
  }
  return addresses;
}

/** Where each rig of the fleet is, in order. Port 0 means that the system chooses when it listens. */
export function layOut(layout: Layout, count: number, base: string, port: number): RigAddress[] {
  if (layout !== "per-port") return consecutiveAddresses(base, count).map((address) => ({ address, port }));
  if (port !== 0 && port + count - 1 > 65_535) {
    throw new SimulatorError(
      "bad-option",
      `${count} rigs need ports ${port} to ${port + count - 1}: choose a lower --port`,
    );
  }
  return Array.from({ length: count }, (_, i) => ({ address: "127.0.0.1", port: port === 0 ? 0 : port + i }));
}
