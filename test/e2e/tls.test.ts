import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { connect as connectPlain } from "node:net";
import { join } from "node:path";
import { connect as connectTls, rootCertificates } from "node:tls";
import { ask } from "@hashwatt/server/tls/ask";
import { type Fleet, startFleet } from "@hashwatt/simulator/listener";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { makeAuthority, signCertificate } from "../support/certificates.js";
import { freePort } from "../support/ports.js";
import { type Program, root, startOurs } from "../support/program.js";
import { programs } from "../support/programs.js";
import { scratch } from "../support/stack.js";
import { until } from "../support/wait.js";

/** Only this machine reaches it, and to the programs it is an address like any other. */
const BEYOND = "::ffff:127.0.0.1";
const TOKEN = "0123456789abcdef-tls";
const bearer = { authorization: `Bearer ${TOKEN}` };
const PASSPHRASE = "open sesame, please";

/** What comes back on a bare connection for some bytes. */
const spoken = (port: number, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connectPlain(port, "127.0.0.1", () => socket.write(text));
    let said = "";
    socket.on("data", (chunk) => {
      said += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(said));
  });

describe.skipIf(!programs.openssl)("a server with certificates of one's own", () => {
  const folder = scratch("tls");
  const certs = join(folder.path, "certs");
  const started: Program[] = [];
  let fleet: Fleet;
  let server: Program;
  let ca: string;
  let [port, mqttPort, redirectPort] = [0, 0, 0];
  let url: string;
  let path: string;
  const config = (name: string, value: object): string => {
    const file = join(folder.path, name);
    writeFileSync(file, JSON.stringify(value), { mode: 0o600 });
    return file;
  };
  const start = (name: "agent" | "server", file: string, env: Record<string, string> = {}) => {
    const program = startOurs(name, ["run", "--config", file], { env });
    started.push(program);
    return program;
  };
  const authority = () => readFileSync(ca, "utf8");
  const get = (path: string) =>
    ask(`${url}${path}`, { headers: bearer, trust: { ca: authority() } }, new AbortController().signal);
  /** The serial number of the certificate that a port shows, over a TLS connection of that version at most. */
  const shown = (at: number, maxVersion: "TLSv1.2" | "TLSv1.3" = "TLSv1.3") =>
    new Promise<string | undefined>((resolve, reject) => {
      const socket = connectTls(
        {
          port: at,
          host: "127.0.0.1",
          ca: [...rootCertificates, authority()],
          maxVersion,
          servername: "localhost",
        },
        () => {
          resolve(socket.getPeerX509Certificate()?.serialNumber);
          socket.end();
        },
      );
      socket.on("error", reject);
    });
  const cli = (args: string[], env: Record<string, string> = {}) =>
    spawnSync(process.execPath, [`${root}server/program/main.js`, ...args], {
      encoding: "utf8",
      env: { ...process.env, HASHWATT_TOKEN: TOKEN, ...env },
    });

  beforeAll(async () => {
    ca = makeAuthority(certs);
    const web = signCertificate(certs, "web", { passphrase: PASSPHRASE });
    const mqtt = signCertificate(certs, "mqtt");
    writeFileSync(join(certs, "passphrase"), `${PASSPHRASE}\n`, { mode: 0o600 });
    [port, mqttPort, redirectPort] = [await freePort(), await freePort(), await freePort()];
    url = `https://127.0.0.1:${port}`;
    fleet = await startFleet({
      rigs: 2,
      seed: 3,
      port: await freePort(),
      base: "127.46.0.1",
      incidents: false,
    });
    path = config("server.yaml", {
      http: {
        host: BEYOND,
        port,
        tokens: [TOKEN],
        tls: { certFile: web.cert, keyFile: web.key, redirectPort, hstsDays: 30 },
      },
      broker: {
        embedded: {
          host: BEYOND,
          port: mqttPort,
          tls: { certFile: mqtt.cert, keyFile: mqtt.key, minVersion: "TLSv1.3" },
          users: [{ name: "test/a1", password: "secret of a1" }],
        },
      },
      store: { kind: "duckdb", dataDir: join(folder.path, "server") },
    });
    server = start("server", path, { HASHWATT_SERVER_HTTP_TLS_PASSPHRASE_FILE: join(certs, "passphrase") });
    await server.waitFor('"msg":"listening"', 60_000);
  });
  afterAll(async () => {
    for (const program of started.splice(0).reverse()) await program.stop();
    await fleet?.close();
    folder.remove();
  });

  test("is reached over https and mqtts by who trusts its authority, and warns of nothing", async () => {
    expect(server.lines.join("\n")).not.toContain("is not encrypted");
    expect(server.lines.find((line) => line.includes('"msg":"listening"'))).toContain(
      `"https://[${BEYOND}]:${port}"`,
    );
    const agentConfig = (name: string, broker: object) =>
      config(`${name}.yaml`, {
        site: "test",
        agent: "a1",
        broker: {
          url: `mqtts://127.0.0.1:${mqttPort}`,
          username: "test/a1",
          password: "secret of a1",
          ...broker,
        },
        dataDir: join(folder.path, name),
        intervalMs: 1_000,
        rigs: fleet.addresses.map((rig) => ({ address: `${rig.address}:${rig.port}` })),
      });
    const distrustful = start("agent", agentConfig("distrustful", {}));
    await distrustful.waitFor(/unable to (verify|get)|UNABLE_TO|self.signed/i, 60_000);
    await distrustful.stop();
    const plain = start("agent", agentConfig("plain", { url: `mqtt://127.0.0.1:${mqttPort}` }));
    await until("the server says what the plain agent should do", async () => {
      const { json } = await get("/api/health");
      const { refusals } = json as { refusals: { kind: string; last: string }[] };
      return refusals.some(
        ({ kind, last }) => kind === "mqtt-tls" && last.includes("must begin with mqtts:"),
      );
    });
    await plain.stop();
    start("agent", agentConfig("trustful", { caFile: ca }));
    await until("both rigs report", async () => {
      const { json } = await get("/api/totals");
      return (json as { fleet: { reporting: number } }).fleet.reporting === 2;
    });
  });

  test("speaks the live feed over wss, and to no page in the clear", async () => {
    const live = (origin: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = new WebSocket(`wss://127.0.0.1:${port}/live`, {
          ca: authority(),
          headers: { ...bearer, origin },
        });
        socket.on("message", (data) => {
          resolve(JSON.parse(String(data)).t);
          socket.close();
        });
        socket.on("error", reject);
      });
    expect(await live(url)).toBe("hello");
    await expect(live(url.replace("https:", "http:"))).rejects.toThrow("403");
  });

  test("gives a cookie that browsers send encrypted only, and tells them to keep to https", async () => {
    const { body, ...login } = { method: "POST", body: JSON.stringify({ password: TOKEN }) };
    const answer = await new Promise<{ cookie: string; hsts: string | undefined }>((resolve, reject) => {
      const socket = connectTls({ port, host: "127.0.0.1", ca: authority(), servername: "localhost" });
      let said = "";
      socket.on("data", (chunk) => {
        said += chunk;
      });
      socket.on("error", reject);
      socket.on("close", () =>
        resolve({
          cookie: /set-cookie: (.*)/i.exec(said)?.[1] ?? "",
          hsts: /strict-transport-security: (.*)/i.exec(said)?.[1]?.trim(),
        }),
      );
      socket.write(
        `${login.method} /api/session HTTP/1.1\r\nhost: localhost:${port}\r\norigin: https://localhost:${port}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    });
    expect(answer.cookie).toMatch(/; HttpOnly; SameSite=Strict; Secure/);
    expect(answer.hsts).toBe(`max-age=${30 * 86_400}`);
  });

  test("sends browsers that come in the clear to https, and tells anybody else in a line", async () => {
    const request = (line: string, headers = "") =>
      `${line} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${headers}\r\n`;
    const moved = await spoken(port, request("GET /fleet?x=1"));
    expect(moved).toMatch(/^HTTP\/1\.1 308 /);
    expect(moved).toContain(`location: https://127.0.0.1:${port}/fleet?x=1\r\n`);
    for (const text of [
      request("POST /api/session"),
      request("GET /api/totals", `authorization: Bearer ${TOKEN}\r\n`),
      request("GET /").replace("127.0.0.1:", "elsewhere.example:"),
      "what is this?\r\n\r\n",
    ]) {
      const said = await spoken(port, text);
      expect(said, text).toMatch(/^HTTP\/1\.1 400 /);
      expect(said).toMatch(/\r\n\r\nThis port speaks HTTPS: use https:\/\/ in the URL\n$/);
      expect(said).not.toContain("location");
    }
    const second = await fetch(`http://127.0.0.1:${redirectPort}/rigs/r1`, { redirect: "manual" });
    expect(second.status).toBe(308);
    expect(second.headers.get("location")).toBe(`${url}/rigs/r1`);
  });

  test("takes a renewed certificate without a restart, for new connections; the old ones go on", async () => {
    const before = await shown(port);
    const kept = new WebSocket(`wss://127.0.0.1:${port}/live`, { ca: authority(), headers: bearer });
    await new Promise((resolve) => kept.once("message", resolve));
    const renewed = signCertificate(certs, "renewed", { passphrase: PASSPHRASE });
    copyFileSync(renewed.key, join(certs, "web.key"));
    copyFileSync(renewed.cert, join(certs, "web.crt"));
    server.signal("SIGHUP");
    await until("the renewed certificate is shown", async () => (await shown(port)) !== before);
    expect(kept.readyState).toBe(WebSocket.OPEN);
    kept.close();
    const { json } = await get("/api/health");
    const { parts } = json as { parts: Record<string, { ok: boolean; note: string }> };
    expect(parts.httpCertificate).toMatchObject({
      ok: true,
      note: expect.stringMatching(/^for localhost, 127\.0\.0\.1, until /),
    });
    expect(parts.mqttCertificate?.ok).toBe(true);
    const { text } = await get("/metrics");
    expect(text).toMatch(/^hashwatt_certificate_end_timestamp_seconds\{listener="http"\} \d{10}$/m);
  });

  test("refuses a TLS that is older than its config says", async () => {
    await expect(shown(mqttPort, "TLSv1.2")).rejects.toThrow(/version/i);
    expect(await shown(mqttPort)).toBeDefined();
    expect(await shown(port, "TLSv1.2")).toBeDefined();
  });

  test("is reached by commands with its config, with --url and --ca, and they say what is missing", () => {
    const passphrase = { HASHWATT_SERVER_HTTP_TLS_PASSPHRASE_FILE: join(certs, "passphrase") };
    expect(cli(["health", "--config", path], passphrase).stdout).toMatch(/^alive at https:.*all parts work/);
    expect(cli(["doctor", "--config", path], passphrase).stdout).toMatch(
      /ok +http: Hashwatt .* runs at https:/,
    );
    const jobs = (...args: string[]) => cli(["jobs", "--url", ...args]);
    expect(jobs(url, "--ca", ca)).toMatchObject({ status: 0, stderr: "" });
    expect(cli(["jobs", "--url", url], { HASHWATT_CA_FILE: ca }).status).toBe(0);
    for (const [args, said] of [
      [[url], "is not trusted here (UNABLE_TO_VERIFY_LEAF_SIGNATURE): name its authority with --ca FILE"],
      [[url.replace("https:", "http:"), "--ca", ca], "speaks HTTPS: say https: in --url"],
      [
        [url.replace("127.0.0.1", `[${BEYOND}]`), "--ca", ca],
        "is for another name: use one that it bears in --url",
      ],
      [[url, "--ca", path], "holds no certificate in PEM"],
    ] as const) {
      const { status, stderr } = jobs(...args);
      expect(status, stderr).toBe(1);
      expect(stderr).toContain(said);
      expect(stderr.trim()).not.toContain("\n");
    }
    const out = join(folder.path, "backup.tar");
    expect(cli(["backup", "--config", path, "--out", out], passphrase).status).toBe(0);
    expect(execFileSync("tar", ["-tf", out], { encoding: "utf8" })).toContain("manifest.json");
  });

  test("does not start with a certificate that is over or not that of its key, and says so in one line", async () => {
    const over = signCertificate(certs, "over", { days: 0 });
    const other = signCertificate(certs, "other");
    for (const [tls, said] of [
      [{ certFile: over.cert, keyFile: over.key }, /http\.tls\.certFile: .* expired on .*: renew it$/],
      [{ certFile: other.cert, keyFile: over.key }, "is not the key of the certificate in"],
      [{ certFile: other.cert }, "http.tls.keyFile: must name the PEM file of the private key"],
    ] as const) {
      const store = { kind: "memory" };
      const refused = start(
        "server",
        config("refused.yaml", { http: { port: 0, tls }, broker: "off", store }),
      );
      expect(await refused.exit).toBe(1);
      expect(refused.lines).toHaveLength(1);
      expect(refused.lines[0]).toMatch(said);
    }
  });
});
