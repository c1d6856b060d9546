import { relative, sep } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** The build puts what it names by its content here; such a file never changes. */
const HASHED = `assets${sep}`;

/** Serves the dashboard's build; pages that are no file are the application's own routes and get its `index.html`. */
export async function serveDashboard(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: true,
    cacheControl: false,
    setHeaders(reply, path) {
      const hashed = relative(folder, path).startsWith(HASHED);
      reply.setHeader("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
}
