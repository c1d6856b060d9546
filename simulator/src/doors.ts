import { createServer, type Server, type Socket } from "node:net";
import { isLoopback, type Layout, MOST_LISTENERS } from "./addresses.js";
import { SimulatorError } from "./errors.js";
import type { Gate, Seat } from "./seat.js";

/** The sockets of a fleet. */
export interface Doors {
  /** Lets a rig vanish from the network or come back. */
  setOffline(seat: Seat, offline: boolean): Promise<void>;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/** Sockets come paused, because a rig reads only the one that it serves, and half-open, to answer a peer that has stopped sending. */
export const SERVER_OPTIONS = { pauseOnConnect: true, allowHalfOpen: true } as const;
const BACKLOG = 4096;

function explained(error: NodeJS.ErrnoException, address: string, port: number): SimulatorError {
  const where = `${address}:${port}`;
  switch (error.code) {
    case "EADDRINUSE":
      return new SimulatorError(
        "port-busy",
        `${where} is already in use: stop the program that listens there or choose another --port`,
        { cause: error },
      );
    case "EACCES":
      return new SimulatorError(
        "cannot-listen",
        `not allowed to listen on ${where}: choose a --port above 1023`,
        {
          cause: error,
        },
      );
    case "EADDRNOTAVAIL":
      return new SimulatorError(
        "cannot-listen",
        `${address} is not an address of this machine: use --layout per-port`,
        { cause: error },
      );
    default:
      return new SimulatorError("cannot-listen", `cannot listen on ${where}: ${error.message}`, {
        cause: error,
      });
  }
}

/** Listens and returns the port, which the system chose if 0 was asked for. */
export function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(explained(error, address, port));
    server.once("error", failed);
    server.listen({ host: address, port, backlog: BACKLOG }, () => {
      server.off("error", failed);
      const bound = server.address();
      resolve(bound !== null && typeof bound === "object" ? bound.port : port);
    });
  });
}

export function shut(server: Server): Promise<void> {
  return new Promise((resolve) => (server.listening ? server.close(() => resolve()) : resolve()));
}

/** Keeps track of open sockets, so that closing does not wait for peers. */
function tracked(open: Set<Socket>, take: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    take(socket);
  };
}

/** Which layout fits this fleet on this machine: probes whether `base` can be listened on at all. */
export async function chooseLayout(base: string, rigCount: number): Promise<Layout> {
  const probe = createServer();
  try {
    await listen(probe, base, 0);
  } catch (error) {
    const cause = error instanceof SimulatorError ? (error.cause as NodeJS.ErrnoException) : undefined;
    if (cause?.code === "EADDRNOTAVAIL") return "per-port";
    throw error;
  } finally {
    await shut(probe);
  }
  return rigCount > MOST_LISTENERS ? "wildcard" : "per-address";
}

async function openEach(seats: readonly Seat[], open: Set<Socket>): Promise<Doors> {
  const doors = new Map<Seat, { gate: Gate; server: Server }[]>();
  for (const seat of seats) {
    const ofSeat = seat.gates().map((gate) => ({
      gate,
      server: createServer(
        SERVER_OPTIONS,
        tracked(open, (socket) => seat.connected(socket, gate)),
      ),
    }));
    doors.set(seat, ofSeat);
  }
  const closeAll = async () => {
    const closed = [...doors.values()].flat().map(({ server }) => shut(server));
    for (const socket of open) socket.destroy();
    await Promise.all(closed);
  };
  const results = await Promise.allSettled(
    [...doors].flatMap(([seat, ofSeat]) =>
      ofSeat.map(async ({ gate, server }) => {
        gate.port = await listen(server, seat.where.address, gate.port);
        gate.bound(gate.port);
        // An offline rig has listened for a moment, so that its port is known and a busy one is noticed.
        if (seat.offline) await shut(server);
      }),
    ),
  );
  const failure = results.find((result) => result.status === "rejected");
  if (failure !== undefined) {
    await closeAll();
    throw failure.reason;
  }
  return {
    async setOffline(seat, offline) {
      const ofSeat = doors.get(seat) ?? [];
      seat.offline = offline;
      if (!offline) {
        for (const { gate, server } of ofSeat)
          if (!server.listening) await listen(server, seat.where.address, gate.port);
        return;
      }
      const closed = ofSeat.map(({ server }) => shut(server));
      seat.drop();
      await Promise.all(closed);
    },
    close: closeAll,
  };
}

async function openWildcard(seats: readonly Seat[], open: Set<Socket>): Promise<Doors> {
  // By kind as well: asked for port 0, each kind is given one of its own.
  const halls = new Map<string, { port: number; byAddress: Map<string, { seat: Seat; gate: Gate }> }>();
  for (const seat of seats)
    for (const gate of seat.gates()) {
      const { kind, port } = gate;
      const hall = halls.get(`${kind}:${port}`) ?? { port, byAddress: new Map() };
      hall.byAddress.set(seat.where.address, { seat, gate });
      halls.set(`${kind}:${port}`, hall);
    }
  const servers: Server[] = [];
  const close = async () => {
    const closed = servers.map(shut);
    for (const socket of open) socket.destroy();
    await Promise.all(closed);
  };
  const listenOn = async (port: number, byAddress: Map<string, { seat: Seat; gate: Gate }>) => {
    const server = createServer(
      SERVER_OPTIONS,
      tracked(open, (socket) => {
        const address = socket.localAddress ?? "";
        // The wildcard also hears the machine's other interfaces, where nobody must meet these rigs.
        const at = isLoopback(address) ? byAddress.get(address) : undefined;
        if (at !== undefined) {
          at.seat.connected(socket, at.gate);
          return;
        }
        socket.on("error", () => {});
        socket.resetAndDestroy();
      }),
    );
    servers.push(server);
    const bound = await listen(server, "0.0.0.0", port);
    for (const { gate } of byAddress.values()) gate.bound(bound);
  };
  const results = await Promise.allSettled(
    [...halls.values()].map(({ port, byAddress }) => listenOn(port, byAddress)),
  );
  const failure = results.find((result) => result.status === "rejected");
  if (failure !== undefined) {
    await close();
    throw failure.reason;
  }
  return {
    async setOffline(seat, offline) {
      seat.offline = offline;
      if (offline) seat.drop();
    },
    close,
  };
}

/** Opens the fleet's sockets; throws `port-busy` or `cannot-listen`, and then none is open. */
export function openDoors(layout: Layout, seats: readonly Seat[]): Promise<Doors> {
  const open = new Set<Socket>();
  return layout === "wildcard" ? openWildcard(seats, open) : openEach(seats, open);
}
