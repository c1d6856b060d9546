import { createServer, type Socket } from "node:net";

/** Where something listens on 127.0.0.1 that does what it is told to. */
export interface Place<T> {
  readonly port: number;
  /** What it is at the moment. */
  is: T;
  /** Requests that it has heard since it became what it is. */
  requests: number;
  /** Cuts what is still open. */
  drop(): void;
  close(): Promise<void>;
}

/** Opens one that is `first`; `serve` speaks on each of its connections. */
export async function openPlace<T>(
  first: T,
  serve: (socket: Socket, place: Place<T>) => void,
): Promise<Place<T>> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    serve(socket, place);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const place: Place<T> = {
    port: (server.address() as { port: number }).port,
    is: first,
    requests: 0,
    drop() {
      for (const socket of sockets) socket.destroy();
    },
    close() {
      place.drop();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return place;
}

/** Says `piece` again and again, until nobody listens any more. */
export function endless(socket: Socket, piece: Buffer): void {
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on("drain", more);
  more();
}

/** Says a piece every 20 ms, until nobody listens any more. */
export function drip(socket: Socket, piece: (turn: number) => Buffer): void {
  let turn = 0;
  const timer = setInterval(() => socket.write(piece(turn++)), 20);
  socket.once("close", () => clearInterval(timer));
}
