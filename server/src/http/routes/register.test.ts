import Fastify from "fastify";
import { expect, test } from "vitest";
import type { ApiParts } from "../apiParts.js";
import { validator } from "../validator.js";
import { registerRoutes } from "./register.js";

test("a long CSV is read where a register is imported, and nowhere else", async () => {
  const app = Fastify({ bodyLimit: 1_000 });
  app.setValidatorCompiler(validator);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.decorateRequest("deed", null);
  const put = async (rigs: readonly object[]) => ({ added: rigs.length, changed: 0, same: 0, total: 1 });
  registerRoutes(app, { register: { put } } as unknown as ApiParts);
  app.post("/api/session", () => "told");
  const payload = `name\n${"x".repeat(60)}\n`.padEnd(10_000, "\n");
  const post = (url: string) =>
    app.inject({ method: "POST", url, headers: { "content-type": "text/csv" }, payload });
  expect((await post("/api/register")).json()).toMatchObject({ added: 1 });
  expect((await post("/api/session")).statusCode).toBe(413);
});
