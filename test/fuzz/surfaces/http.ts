import { fullRig, startToldServer, type ToldServer } from "../../support/toldServer.js";
import { mutate, Seeded } from "../mutators.js";
import { isOneLine, NASTY_TEXTS } from "../nasty.js";
import { isOneRequest, type RawAnswer, RawClient } from "../rawHttp.js";
import { type Outcome, promised, type Surface } from "../surface.js";
import { oddValues } from "../values.js";

const PARALLEL = 64;
const TOKEN = "a-token-of-the-fuzzer-0123456789";
const PATHS = [
  "/",
  "/login",
  "/index.html",
  "/assets/x.js",
  "/api/health",
  "/api/session",
  "/api/version",
  "/api/openapi.json",
  "/api/fleet",
  "/api/totals",
  "/api/rigs/r1",
  "/api/rigs/r1/series",
  "/api/rigs/r1/boards",
  "/api/sites/farm/series",
  "/api/alerts",
  "/api/events",
  "/api/jobs",
  "/api/jobs/j1",
  "/api/jobs/nothing",
  "/api/register",
  "/api/register",
  "/api/register/e1",
  "/api/register.csv",
  "/metrics",
  "/live",
];
const TRICKS = [
  "/../../../etc/passwd",
  "/%2e%2e/%2e%2e/etc/passwd",
  "/..%2f..%2fetc/passwd",
  "/assets/..%5c..%5cboot.ini",
  "//evil.example/x",
  "/%00",
  "/api/rigs/%00",
  "/api/rigs/r1%2fseries",
  "/api/rigs/r1/series/../../../x",
  "/api/rigs/%E0%A4%A",
  "/api//fleet",
  "/api/fleet/",
  "/API/FLEET",
  "/api/fleet;x=1",
  "/api/rigs/__proto__",
  "/api/sites/constructor/series",
  "/api/rigs/r999999999999",
  "/%",
  "/?%",
  "/api/fleet#x",
  "http://evil.example/api/fleet",
  "*",
  "/\u00e9",
  "/.git/config",
  "/index.html/",
  "/api/rigs/r01",
  "/api/rigs/r1.0",
  "/metrics/..%2fapi/fleet",
];
const QUERIES = [
  "from=0&to=86400000",
  "from=1795600000000",
  "from=2026-11-26T00:00:00Z",
  "step=60000",
  "fields=powerW,chipTempC",
  "since=0&limit=10",
  "algo=SHA256",
  "from=8640000000000000&to=-8640000000000000",
  "from=NaN",
  "from[]=1",
  "from=1&from=2",
  "__proto__[x]=1",
  "constructor=1",
  "step=1e999",
  "limit=99999",
];
const METHODS = [
  "GET",
  "GET",
  "GET",
  "GET",
  "POST",
  "DELETE",
  "PUT",
  "PATCH",
  "OPTIONS",
  "HEAD",
  "TRACE",
  "get",
  "BREW",
  "CONNECT",
];
const BODIES = [
  "name,mac,rack,state\r\nA-1,02:00:00:00:00:01,R1,active\r\nA-2,02:00:00:00:00:02,R1,repair\r\n",
  '{"csv":"name,owner\\nA-3,ann\\n"}',
  '{"entries":[{"name":"A-4","address":"10.0.0.4","state":"spare"}]}',
  '{"rack":"R2","owner":null}',
  '{"password":"x"}',
  "{}",
  "[]",
  "null",
  '{"password":"x","more":1}',
  '{"role":"admin"}',
];
const TYPES = [
  "text/csv",
  "application/json",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "application/json; charset=utf-16",
  "x",
];

const STARS = `${"*".repeat(40)}?`;
/** What an operator sets, each to where it is taken: patterns that are hard to match among it. */
const SET = [
  {
    method: "PUT",
    path: "/api/planned-stops/farm/stop",
    body: {
      ...{ name: "Stop", rigs: [STARS, "rack-3/*"] },
      time: { days: [1, 2, 3, 4, 5, 6, 7], from: "00:00", to: "23:59" },
    },
  },
  {
    method: "PUT",
    path: "/api/settings/alert-rules/hot?site=farm",
    body: { name: "Hot", when: `chipTempC > 60 and pool = ${STARS} for 1m on ${STARS}`, severity: "notice" },
  },
  {
    method: "PUT",
    path: "/api/settings/alert-rules/pools",
    body: { rule: "wrongPool", on: [STARS, "*"], urls: [STARS], accounts: [`*a*a*a*a*a*a*a*a${STARS}`] },
  },
  {
    method: "POST",
    path: "/api/alerts/dry-run",
    body: { when: `powerW > 1 on ${STARS}`, fromMs: 1_795_600_000_000, toMs: 1_795_603_600_000 },
  },
  {
    method: "POST",
    path: "/api/alerts/silence",
    body: { match: { subjects: [STARS], groups: [STARS] }, untilMs: 4e12 },
  },
  {
    method: "POST",
    path: "/api/settings/import?dryRun=true",
    body: {
      yaml: "hashwatt: 1\nsites:\n  farm: { name: F, zone: UTC, currency: USD, gridRegion: null }\npools: {}\n",
    },
  },
].map(({ method, path, body }) => ({ method, path, body: JSON.stringify(body) }));

const clean = (text: string): string => text.replace(/[\r\n]/g, "");

/** One whole request as bytes, hostile in its line, its headers, its body or its framing. */
function request(chance: Seeded, odd: readonly unknown[]): { bytes: Buffer; how: string } {
  const word = (text: string): string => encodeURIComponent(text.replace(/\p{Cs}/gu, ""));
  let path = chance.next() < 0.75 ? chance.of(PATHS) : chance.of(TRICKS);
  if (chance.next() < 0.1) path = path.replace(/[^/]+$/, word(chance.of(NASTY_TEXTS)));
  if (chance.next() < 0.35) {
    const query = mutate(Buffer.from(chance.of(QUERIES)), chance, odd, 0).bytes.toString("latin1");
    path += `?${chance.next() < 0.5 ? chance.of(QUERIES) : chance.next() < 0.7 ? encodeURI(query) : clean(query).replaceAll(" ", "+")}`;
  }
  if (chance.next() < 0.01) path += `?${"a=1&".repeat(chance.whole(1_000, 9_000))}`;
  let method = chance.of(METHODS);
  const set = chance.next() < 0.1 ? chance.of(SET) : undefined;
  if (set) ({ method, path } = set);
  const headers: string[] = [
    `host: ${chance.next() < 0.96 ? "127.0.0.1" : clean(chance.of(NASTY_TEXTS)).slice(0, 200)}`,
  ];
  const who = chance.next();
  if (who < 0.7) headers.push(`authorization: Bearer ${TOKEN}`);
  else if (who < 0.8)
    headers.push(
      `authorization: ${chance.of(["Bearer x", "Basic eDp5", "Bearer ", "Digest x", "Bearer \u00ff"])}`,
    );
  else if (who < 0.85) headers.push(`cookie: ${clean(chance.of(NASTY_TEXTS)).slice(0, 500)}`);
  if (chance.next() < 0.05)
    headers.push(
      `origin: ${chance.of(["null", "http://evil.example", "http://127.0.0.1", "javascript:1", "\u0001"])}`,
    );
  if (chance.next() < 0.1)
    headers.push(`accept-encoding: ${chance.of(["gzip", "gzip;q=0", "br", "*", "gzip, ".repeat(200)])}`);
  if (chance.next() < 0.05)
    headers.push(
      `${chance.of(["x-a", "content-length", "transfer-encoding", "upgrade", "expect", "range", "if-none-match", "connection"])}: ${chance.of(["1", "-1", "chunked", "chunked, chunked", "websocket", "100-continue", "bytes=0-1,5-", '"x"', "close", "keep-alive, upgrade"])}`,
    );
  // A flood of headers.
  if (chance.next() < 0.005) for (let n = 0; n < 3_000; n++) headers.push(`x-${n}: ${n}`);
  let body: Buffer = Buffer.alloc(0);
  if (method !== "GET" && method !== "HEAD" && chance.next() < 0.8) {
    body = mutate(Buffer.from(set?.body ?? chance.of(BODIES)), chance, odd, 0.7).bytes;
    headers.push(`content-type: ${set ? "application/json" : chance.of(TYPES)}`);
    if (chance.next() < 0.03) body = Buffer.alloc(chance.whole(60_000, 3_000_000), "x");
    const said = chance.next() < 0.95 ? body.length : chance.whole(0, body.length);
    headers.push(`content-length: ${said}`);
  }
  const head = `${method} ${path} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(head, "latin1"), body]);
  if (chance.next() < 0.9) return { bytes, how: "well framed" };
  const broken = mutate(bytes, chance, odd, 0);
  return { bytes: broken.bytes, how: broken.how };
}

interface Counted {
  refusals: { kind: string; count: number; last: string }[];
}

/** Whole requests on real sockets to a whole server. */
export const http: Surface = {
  name: "http",
  parallel: PARALLEL,
  async start(seed) {
    const odd = oddValues(seed);
    const server: ToldServer = await startToldServer({ http: { port: 0, tokens: [TOKEN] } });
    await server.tell([fullRig(1), fullRig(2)]);
    const port = Number(new URL(server.url).port);
    const free = Array.from({ length: PARALLEL }, () => new RawClient(port));
    const ask = async <T>(path: string): Promise<T> => {
      const answer = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } });
      promised(answer.ok, `${path} answers ${answer.status}`);
      return (path === "/metrics" ? await answer.text() : await answer.json()) as T;
    };
    const counted = async () => {
      const { refusals } = await ask<Counted>("/api/health");
      const ours = refusals.filter(({ kind }) => /^(http-|login$|live-connection$)/.test(kind));
      for (const { kind, last } of refusals)
        promised(
          isOneLine(last) && last.length > 3,
          `the last refusal of ${kind} is ${JSON.stringify(last)}`,
        );
      return ours.reduce((sum, { count }) => sum + count, 0);
    };
    let refused = 0;
    let broken = 0;
    const before = await counted();
    return {
      make(index) {
        const { bytes, how } = request(new Seeded(seed * 1_000_003 + index), odd);
        return { bytes, about: { how } };
      },
      async give({ bytes, about }): Promise<Outcome> {
        const isWhole = isOneRequest(bytes);
        if (about.how !== "well framed" || !isWhole) broken += 2;
        const client = free.pop()!;
        try {
          const answers = await client.send(bytes, isWhole);
          for (const answer of answers) mustBeAnAnswer(answer);
          const bad = answers.filter(({ status }) => status >= 400);
          refused += bad.length;
          if (!answers.length)
            return { kind: "refused", code: "unanswered", reason: "the request never came to its end" };
          const worst = bad[0];
          if (!worst) return { kind: "accepted" };
          return { kind: "refused", code: `http-${worst.status}`, reason: worst.reason };
        } finally {
          free.push(client);
        }
      },
      async good() {
        const now = await counted();
        // What breaks off is counted although nobody hears the answer; one that is two requests is counted as two.
        promised(
          now - before >= refused && now - before <= refused + broken,
          `${refused} requests were refused and ${now - before} were counted, with ${broken} that were not whole`,
        );
        const text = await ask<string>("/metrics");
        const summed = [
          ...text.matchAll(/^hashwatt_refusals_total\{kind="(http-[a-z]+|login|live-connection)"\} (\d+)$/gm),
        ];
        promised(
          summed.reduce((sum, [, , count]) => sum + Number(count), 0) === now,
          "health and metrics count otherwise",
        );
        const { rig } = await ask<{ rig: number[] }>("/api/fleet");
        promised(rig.length === 2, "the fleet is not answered any more");
      },
      async close() {
        for (const client of free) client.close();
        await server.close();
      },
    };
  },
};

/** Throws unless an answer is one that the API gives: no defect, no internals, an error with words. */
function mustBeAnAnswer({ status, headers, body }: RawAnswer): void {
  promised(status < 500 || status === 503 || status === 505, `answered ${status}: ${body.slice(0, 300)}`);
  promised(
    !/node_modules|\bat .+:\d+:\d+\)|root:x:0/.test(body),
    `told its internals: ${body.slice(0, 300)}`,
  );
  if (status < 400 || !body) return;
  promised(
    /json/.test(headers["content-type"] ?? ""),
    `an error of type ${headers["content-type"]}: ${status} ${body.slice(0, 300)}`,
  );
  const { error, message } = JSON.parse(body) as { error: unknown; message: unknown };
  promised(
    typeof error === "string" && typeof message === "string" && message.length > 3,
    `an error without words: ${body}`,
  );
}
