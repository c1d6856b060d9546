import Fastify from "fastify";
import { expect, test } from "vitest";
import { openAccess } from "../fixtures/openAccess.js";
import { Refusals } from "../refusals.js";
import { addGate } from "./gate.js";

const TOKEN = "0123456789abcdef-gate";

test.each([
  ["to everybody where no login is needed", {}, {}],
  ["to who has a token", { tokens: [TOKEN] }, { authorization: `Bearer ${TOKEN}` }],
  ["to a stranger", { tokens: [TOKEN] }, {}],
])("an endpoint that is in no list of who may use it is refused %s", async (_whom, http, headers) => {
  const refusals = new Refusals(() => 0);
  const app = Fastify();
  addGate(app, (await openAccess({ http })).access, refusals);
  app.get("/api/forgotten", () => "told");
  app.get("/api/version", () => "told");
  for (const method of ["GET", "HEAD"] as const)
    expect((await app.inject({ method, url: "/api/forgotten", headers })).statusCode).toBe(403);
  expect((await app.inject({ url: "/api/forgotten", headers })).json()).toEqual({
    error: "forbidden",
    message: "GET /api/forgotten is in no list of who may use it; this is a defect",
  });
  expect(refusals.count("http-access")).toBe(3);
  expect([...app.endpoints]).toEqual(["GET /api/forgotten", "GET /api/version"]);
  expect((await app.inject({ url: "/api/none", headers })).statusCode).toBe(404);
  await app.close();
});
