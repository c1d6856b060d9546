import { createServer, type Socket } from "node:net";

/** A server of bytes: what it says to each request, and what was asked. */
export class ByteReceiver {
  readonly asked: { head: string; body: string }[] = [];
  says = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    let come = Buffer.alloc(0);
    socket.on("data", (data) => {
      come = Buffer.concat([come, data]);
      const end = come.indexOf("\r\n\r\n");
      const length = Number(/^content-length: (\d+)/im.exec(come.toString("latin1"))?.[1] ?? 0);
      if (end < 0 || come.length < end + 4 + length) return;
      this.asked.push({ head: come.toString("latin1", 0, end), body: come.toString("utf8", end + 4) });
      if (this.says === "reset") socket.resetAndDestroy();
      else if (this.says === "flood") this.#flood(socket);
      else if (this.says !== "") socket.end(this.says);
    });
  });
  port = 0;

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.port = (this.#server.address() as { port: number }).port;
  }
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
  /** Bytes without an end, for as long as they are taken. */
  #flood(socket: Socket): void {
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    const part = Buffer.from(`10000\r\n${"x".repeat(0x10000)}\r\n`);
    const more = () => {
      while (!socket.destroyed && socket.write(part));
    };
    socket.on("drain", more);
    more();
  }
}
