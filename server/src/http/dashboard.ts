import { access } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { noteRefused, sendError } from "./apiErrors.js";

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

const ABSENT = "The dashboard is not there: it was not built, or its files are gone";
const REMEDY =
  "Run npm run build in the folder of Hashwatt, or let dashboardDir of the server's config name a folder that holds its index.html, and start the server anew. The API answers at /api meanwhile.";
const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Hashwatt</title>
<h1>${ABSENT}</h1>
<p>${REMEDY}</p>
<p lang="zh">控制台页面不存在：尚未构建，或文件已被删除。请在 Hashwatt 的目录中运行 npm run build，或在服务器配置中用 dashboardDir 指定含有 index.html 的目录，然后重新启动服务器。其间 API 仍在 /api 应答。</p>
</html>
`;

/**
 * Answers with the page of the dashboard in `folder` (undefined: none was there at the start). Where it is missing, a browser gets a
 * small page that says what to do, others the same as an error of the API; that is logged when it begins and when it ends.
 */
export function dashboardPage(folder: string | undefined, log: Logger) {
  let isAbsent = false;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const wasAbsent = isAbsent;
    isAbsent = folder === undefined || !(await isThere(join(folder, "index.html")));
    if (!isAbsent) {
      if (wasAbsent) log.info({ folder }, "dashboard back");
      return reply.header("cache-control", "no-cache").sendFile("index.html");
    }
    if (!wasAbsent) log.error({ folder }, "no dashboard: build it, or name its folder as dashboardDir");
    reply.header("cache-control", "no-store");
    const error = { error: "notFound", message: `${ABSENT}. ${REMEDY}` };
    if (!/\btext\/html\b/.test(String(request.headers.accept ?? ""))) return sendError(reply, 404, error);
    noteRefused(request, error);
    return reply.status(404).type("text/html; charset=utf-8").send(PAGE);
  };
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
