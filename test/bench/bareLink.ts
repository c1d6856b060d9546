import { connect, createServer, type Socket } from "node:net";
import { openLink, type Weather } from "../faults/link.js";
import { Seeded } from "../faults/seeded.js";
import { freePort } from "../support/ports.js";

const CHUNK = Buffer.alloc(8_000);

/** Bytes a second that a link of that weather carries in one direction, from a bare socket to a bare socket, over `ms`. */
export async function bareLinkRate(weather: Weather, ms: number): Promise<number> {
  let got = 0;
  const sockets: Socket[] = [];
  const sink = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      got += chunk.length;
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => sink.listen(port, "127.0.0.1", resolve));
  const link = await openLink(await freePort(), port, new Seeded(1), "bytes");
  link.weather(weather);
  const source = connect(link.port, "127.0.0.1");
  source.on("error", () => undefined);
  const fill = () => {
    while (source.write(CHUNK));
  };
  source.on("drain", fill);
  source.once("connect", fill);
  const wait = (forMs: number) => new Promise((resolve) => setTimeout(resolve, forMs));
  // Until what the sockets hold of their own is full and flows as fast as the link lets it.
  await wait(500);
  const [fromMs, fromBytes] = [performance.now(), got];
  await wait(ms);
  const rate = ((got - fromBytes) / (performance.now() - fromMs)) * 1000;
  source.destroy();
  await link.close();
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => sink.close(() => resolve()));
  return rate;
}
