import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { FetchError, fetchRig, fetchSiteSeries } from "./fetchApi.js";

/** Lets the browser's relative addresses lead to a server of the test's own. */
async function withServer<T>(listener: RequestListener, run: () => Promise<T>): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const plain = globalThis.fetch;
  globalThis.fetch = (input, init) => plain(new URL(String(input), `http://127.0.0.1:${port}`), init);
  try {
    return await run();
  } finally {
    globalThis.fetch = plain;
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}
const answer =
  (status: number, body: string): RequestListener =>
  (_request, response) => {
    response.writeHead(status).end(body);
  };
const codeOf = (listener: RequestListener) =>
  withServer(listener, () => fetchRig("r1", new AbortController().signal)).then(
    () => "answered",
    (error: unknown) =>
      error instanceof FetchError ? `${error.code} ${error.retryable}: ${error.message}` : error,
  );

describe("a request that fails says how", () => {
  it.each([
    [
      "a rig that does not exist",
      answer(404, '{"error":"notFound","message":"There is no rig"}'),
      "missing false: There is no rig",
    ],
    [
      "a refused question",
      answer(400, '{"error":"x","message":"from: must be a time"}'),
      "refused false: from: must be a time",
    ],
    [
      "a login that is wanted",
      answer(401, '{"error":"unauthorized","message":"log in"}'),
      "login false: log in",
    ],
    [
      "a store of readings that is away",
      answer(503, '{"error":"storeAway","message":"no answer from InfluxDB: start it"}'),
      "storeAway true: no answer from InfluxDB: start it",
    ],
    ["a server in trouble", answer(500, "oops"), "broken true: HTTP 500"],
    ["an answer of another kind", answer(200, "<html>"), "unreadable false: /api/rigs/r1 answered no JSON"],
    [
      "a connection that breaks",
      ((request) => request.socket.destroy()) as RequestListener,
      "unreachable true: no connection",
    ],
  ])("%s", async (_what, listener, code) => {
    expect(await codeOf(listener)).toBe(code);
  });
});

it("an answer is read, and the question asked in whole milliseconds", async () => {
  let asked = "";
  const series = await withServer(
    (request, response) => {
      asked = request.url ?? "";
      response.end('{"tMs":[1]}');
    },
    () =>
      fetchSiteSeries(
        "north",
        { fromMs: 1.4, toMs: 9.6, stepMs: 300 },
        ["powerW", "rigs"],
        undefined,
        new AbortController().signal,
      ),
  );
  expect(series.tMs).toEqual([1]);
  expect(asked).toBe("/api/sites/north/series?from=1&to=10&step=300&fields=powerW%2Crigs");
});

it("a request that its page has given up is no failure to show", async () => {
  const abort = new AbortController();
  const request = withServer(
    () => abort.abort(),
    () => fetchRig("r1", abort.signal),
  );
  await expect(request).rejects.not.toBeInstanceOf(FetchError);
});
