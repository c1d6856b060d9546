import { createServer as createHttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { consecutiveAddresses } from "../addresses.js";
import { listen, SERVER_OPTIONS, shut } from "../doors.js";
import { RigLine } from "../rigLine.js";
import { type Clock, systemClock } from "../time.js";
import type { Capture } from "./captureFile.js";
import { answerFrom } from "./cgminerReplies.js";
import { serveFramed } from "./framedReplies.js";
import { HttpReplies } from "./httpReplies.js";

/** Where captured rigs listen; 0 lets the system choose, for each its own. */
export interface CapturePorts {
  /** Of the cgminer API, and of a web API that a rig has in its place. */
  port: number;
  /** In place of 80, which only the superuser may open. */
  httpPort: number;
  /** In place of 4433. */
  v3Port: number;
}

/** One captured rig that is served; a port that it does not have is absent. */
export interface ServedCapture {
  capture: Capture;
  address: string;
  port?: number;
  httpPort?: number;
  v3Port?: number;
}

export interface ServedCaptures {
  rigs: ServedCapture[];
  close(): Promise<void>;
}

const CGMINER_PORT = 4028;
const HTTP_PORT = 80;

/**
 * Serves captures on loopback addresses from `base` on, one each, over the transport that each was captured from. Throws
 * `port-busy` or `cannot-listen`, and then nothing is open.
 */
export async function serveCaptures(
  captures: readonly Capture[],
  base: string,
  ports: CapturePorts,
  clock: Clock = systemClock,
): Promise<ServedCaptures> {
  const addresses = consecutiveAddresses(base, captures.length);
  const open = new Set<Socket>();
  const servers: Server[] = [];
  const start = async (server: Server, address: string, port: number): Promise<number> => {
    server.on("connection", (socket: Socket) => {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
    });
    servers.push(server);
    return await listen(server, address, port);
  };
  const close = async () => {
    const closed = servers.map(shut);
    for (const socket of open) socket.destroy();
    await Promise.all(closed);
  };
  const rigs: ServedCapture[] = [];
  try {
    for (const [i, capture] of captures.entries()) {
      const rig: ServedCapture = { capture, address: addresses[i] as string };
      const { transport, http } = capture;
      if (transport.startsWith("cgminer"))
        rig.port = await start(cgminerServer(capture, clock), rig.address, ports.port);
      if (transport === "whatsminer-v3-tcp")
        rig.v3Port = await start(
          createServer((socket) => serveFramed(capture, socket)),
          rig.address,
          ports.v3Port,
        );
      if (http) {
        const replies = new HttpReplies(http);
        const server = createHttpServer((request, response) => void replies.answer(request, response));
        // A rig whose web API stands on the cgminer port has no other there.
        if (http.port === CGMINER_PORT) rig.port = await start(server, rig.address, ports.port);
        else
          rig.httpPort = await start(
            server,
            rig.address,
            http.port === HTTP_PORT || ports.httpPort === 0 ? ports.httpPort : http.port,
          );
      }
      rigs.push(rig);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { rigs, close };
}

function cgminerServer(capture: Capture, clock: Clock): Server {
  const line = new RigLine(
    {
      answer: (request) => answerFrom(capture, request, Math.floor(clock.nowMs() / 1000)),
      replyDelayMs: () => 0,
      answered: () => {},
    },
    clock,
  );
  return createServer(SERVER_OPTIONS, (socket) => line.accept(socket));
}
