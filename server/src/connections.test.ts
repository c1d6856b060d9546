import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { Connections } from "./connections.js";

/** A connection whose other end is told; it closes when it is destroyed, as sockets do. */
class FakeSocket extends EventEmitter {
  destroyed = false;
  constructor(
    readonly remoteAddress: string | undefined,
    readonly remotePort: number,
  ) {
    super();
  }
  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

const setUp = (most: number) => {
  const told: string[] = [];
  const connections = new Connections(most, (why) => told.push(why));
  let port = 1_000;
  const open = (address: string | undefined): FakeSocket => {
    const socket = new FakeSocket(address, port++);
    connections.add(socket as unknown as Socket);
    return socket;
  };
  return { connections, told, open };
};

describe("the connections of a server", () => {
  test("of who has most of them go first when there are too many, and the others stay", () => {
    const { connections, told, open } = setUp(10);
    const ann = open("10.0.0.1");
    const crowd = Array.from({ length: 30 }, () => open("10.0.0.66"));
    const bob = open("10.0.0.2");
    expect([ann.destroyed, bob.destroyed]).toEqual([false, false]);
    expect(crowd.filter(({ destroyed }) => !destroyed)).toEqual(crowd.slice(-8));
    expect(connections.open).toBe(10);
    expect(told).toHaveLength(22);
    expect(told[0]).toBe("10.0.0.66 had most of 10 connections: the one unused for longest was ended");
  });

  test("go by when they were used where all are of one network", () => {
    const { connections, open } = setUp(3);
    const [a, b, c] = [open("127.0.0.1"), open("127.0.0.1"), open("127.0.0.1")];
    connections.used(a!);
    open("127.0.0.1");
    expect([a!.destroyed, b!.destroyed, c!.destroyed]).toEqual([false, true, false]);
  });

  test("that are kept are ended for nobody: a new one goes where there are no others", () => {
    const { connections, open } = setUp(3);
    const kept = [open("10.0.0.1"), open("10.0.0.1"), open("10.0.0.2")];
    for (const one of kept) connections.keep(one);
    // What was kept is not let go by being used.
    connections.used(kept[0]!);
    const more = open("10.0.0.3");
    expect([more.destroyed, ...kept.map(({ destroyed }) => destroyed)]).toEqual([true, false, false, false]);
    kept[0]!.destroy();
    expect(open("10.0.0.3").destroyed).toBe(false);
    expect(connections.open).toBe(3);
  });

  test("whose other end is gone already are none", () => {
    const { connections, open } = setUp(3);
    expect(open(undefined).destroyed).toBe(true);
    expect(connections.open).toBe(0);
  });
});
