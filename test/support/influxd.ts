import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./ports.js";
import { type Program, startProgram } from "./program.js";
import { programs } from "./programs.js";

/** A real InfluxDB 1.x under test, on ports of 127.0.0.1 and a folder of its own. */
export interface Influxd {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** The process of the latest start. */
  readonly program: Program;
  /** The operator's account; undefined where authentication is off. */
  readonly admin: { username: string; password: string } | undefined;
  /** Runs one InfluxQL statement as the operator; resolves with its result, rejects with what InfluxDB says is wrong. */
  query(statement: string, database?: string): Promise<InfluxResult>;
  /** Kills it as a crash would. */
  kill(): Promise<void>;
  /** Ends it properly; its data stay for {@link restart}. */
  stop(): Promise<void>;
  /** Starts it again on the same ports and data. */
  restart(): Promise<void>;
  /** Starts the process alone, which may be killed before {@link ready} resolves. */
  launch(): void;
  /** Resolves once it answers. */
  ready(): Promise<void>;
  /** Ends it and removes its data. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a statement answers: series with columns and rows. */
export interface InfluxResult {
  series?: { name?: string; tags?: Record<string, string>; columns: string[]; values: unknown[][] }[];
}

const ADMIN = { username: "operator", password: "an operator's password" };

/**
 * Starts InfluxDB 1.x with a config of its own; `auth` asks for user and password, and makes {@link Influxd.admin}. Data lie in
 * `folder` where the caller has one, and stay there.
 */
export async function startInfluxd(options: { auth?: boolean; folder?: string } = {}): Promise<Influxd> {
  const command = programs.influxd;
  if (!command) throw new Error("influxd is not installed: apt-get install influxdb");
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "hashwatt-influxd-"));
  const [port, rpcPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, "influxdb.conf");
  writeFileSync(config, configText(folder, { port, rpcPort, auth: options.auth ?? false }));
  let program: Program;
  const launch = () => {
    program = startProgram(command, ["-config", config]);
  };
  const ready = async () => {
    await program.waitFor(/Listening on HTTP/, 60_000);
    await answering(url, program);
  };
  launch();
  await ready();
  const admin = options.auth ? ADMIN : undefined;
  const influxd: Influxd = {
    url,
    port,
    get pid() {
      return program.pid;
    },
    get program() {
      return program;
    },
    admin,
    query: (statement, database) => query(url, statement, { database, admin }),
    async kill() {
      program.signal("SIGKILL");
      await program.exit;
    },
    async stop() {
      await program.stop();
    },
    async restart() {
      await program.stop();
      launch();
      await ready();
    },
    launch,
    ready,
    async [Symbol.asyncDispose]() {
      await program.stop();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
  if (admin)
    await query(
      url,
      `CREATE USER "${admin.username}" WITH PASSWORD '${admin.password.replaceAll("'", "\\'")}' WITH ALL PRIVILEGES`,
      {},
    );
  return influxd;
}

const configText = (folder: string, at: { port: number; rpcPort: number; auth: boolean }): string => `
reporting-enabled = false
bind-address = "127.0.0.1:${at.rpcPort}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${at.port}"
  auth-enabled = ${at.auth}
  log-enabled = false
[subscriber]
  enabled = false
[continuous_queries]
  enabled = false
`;

/** Says that it listens a moment before it answers. */
async function answering(url: string, program: Program): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      if ((await fetch(`${url}/ping`)).status === 204) return;
    } catch (error) {
      if (tries > 200)
        throw new Error(`influxd does not answer:\n${program.lines.slice(-30).join("\n")}`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function query(
  url: string,
  statement: string,
  { database, admin }: { database?: string | undefined; admin?: typeof ADMIN | undefined },
): Promise<InfluxResult> {
  const form = new URLSearchParams({ q: statement, epoch: "ms" });
  if (database !== undefined) form.set("db", database);
  const answer = await fetch(`${url}/query`, {
    method: "POST",
    body: form,
    headers: admin
      ? { authorization: `Basic ${Buffer.from(`${admin.username}:${admin.password}`).toString("base64")}` }
      : {},
  });
  const body = (await answer.json()) as { error?: string; results?: (InfluxResult & { error?: string })[] };
  const said = body.error ?? body.results?.[0]?.error;
  if (said !== undefined) throw new Error(`${statement}: ${said}`);
  return body.results?.[0] ?? {};
}
