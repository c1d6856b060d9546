import { EventEmitter, once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import Fastify from "fastify";
import { expect, test } from "vitest";
import { openAccess } from "../fixtures/openAccess.js";
import { Refusals } from "../refusals.js";
import { MemoryStateStore } from "../store/state/memory.js";
import { addAuditTrail } from "./auditTrail.js";
import { addGate } from "./gate.js";

const TOKEN = "0123456789abcdef-trail";

test("a change is recorded though nobody waits for its answer any more", async () => {
  const state = new MemoryStateStore();
  const { access } = await openAccess({ http: { tokens: [TOKEN] }, state });
  const app = Fastify({ forceCloseConnections: true });
  addGate(app, access, new Refusals(() => 0));
  addAuditTrail(app, access);
  const steps = new EventEmitter();
  const [begun, left] = [once(steps, "begun"), once(steps, "left")];
  app.post("/api/users", async (request) => {
    request.raw.socket.once("close", () => steps.emit("left"));
    steps.emit("begun");
    await left;
    request.deed = { action: "user.add", object: "bob" };
    return {};
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const socket = connect((app.server.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(
    `POST /api/users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\ncontent-length: 0\r\n\r\n`,
  );
  await begun;
  socket.destroy();
  await left;
  await expect
    .poll(() => state.audit.list({ limit: 5 }), { timeout: 20_000 })
    .toMatchObject([{ action: "user.add", object: "bob", by: "token", result: "done" }]);
  await app.close();
});
