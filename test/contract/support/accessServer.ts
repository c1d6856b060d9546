import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditEntry, auditPageSchema, madeTokenSchema, type Scope } from "@hashwatt/protocol/access";
import { systemClock } from "@hashwatt/protocol/time";
import { ROLES, type Role } from "@hashwatt/server/access/role";
import { configSchema } from "@hashwatt/server/config/schema";
import { type RunningServer, startServer } from "@hashwatt/server/server";
import { pino } from "pino";
import { type Answer, askExactly, cookieOf } from "../../support/toldHttp.js";

export const PASSWORD = "correct horse battery";
/** By role, of the users `the-viewer`, `the-operator`, `the-admin` of the config. */
export const PASSWORDS: Record<Role, string> = {
  viewer: "looks and looks",
  operator: "acts and acts",
  admin: "changes it all",
};
/** A token of the config, for everything, that ended with the first day of 2020. */
export const EXPIRED = "0123456789abcdef-expired";
/** What of all that must be printed nowhere. */
export const SECRET =
  /correct horse|looks and looks|acts and acts|changes it all|0123456789abcdef|hashwatt_[\w-]{43}/;

export type Headers = Record<string, string>;
export const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

/** The path of an endpoint of the table, with a name that nothing has where it wants one. */
export const pathOf = (endpoint: string): string =>
  endpoint.split(" ")[1]!.replace(/:\w+/g, "none").replace("*", "");

/** A server with a user of each role, asked with headers of one's choice. */
export class AccessServer {
  readonly dataDir = mkdtempSync(join(tmpdir(), "hashwatt-roles-"));
  /** Everything that it has logged. */
  readonly logged: string[] = [];
  server!: RunningServer;
  port = 0;
  /** How old a session's token becomes; counts from the next start on. */
  rotateMs = 3_600_000;
  /** Of who is logged in as `the-admin`. */
  admin!: Headers;

  static async start(): Promise<AccessServer> {
    const one = new AccessServer();
    await one.start();
    one.admin = await one.sessionOf("the-admin", PASSWORDS.admin);
    return one;
  }

  async start(): Promise<void> {
    this.server = await startServer(
      configSchema.parse({
        http: {
          port: this.port,
          password: PASSWORD,
          sessionRotateMs: this.rotateMs,
          users: ROLES.map((role) => ({ name: `the-${role}`, role, password: PASSWORDS[role] })),
          tokens: [{ token: EXPIRED, name: "old", scope: "admin", expires: "2020-01-01" }],
        },
        broker: "off",
        store: { dataDir: this.dataDir },
        sites: [{ site: "farm" }],
      }),
      "0.1.0",
      systemClock,
      pino({ level: "trace" }, { write: (line) => this.logged.push(line) }),
    );
    this.port = Number(new URL(this.server.url).port);
  }

  async restart(): Promise<void> {
    await this.server.close();
    await this.start();
  }

  async remove(): Promise<void> {
    await this.server.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Its own page, as a browser names it. */
  here(): Headers {
    return { origin: `http://127.0.0.1:${this.port}` };
  }

  ask(method: string, path: string, headers: Headers = {}, body?: unknown): Promise<Answer> {
    return askExactly(this.port, method, path, headers, body);
  }

  /** Asks as the admin. */
  tell(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.ask(method, path, this.admin, body);
  }

  login(name: string, password: string): Promise<Answer> {
    return this.ask("POST", "/api/session", this.here(), { name, password });
  }

  /** Headers of who has logged in. */
  async sessionOf(name: string, password: string): Promise<Headers> {
    const answer = await this.login(name, password);
    if (answer.status !== 200) throw new Error(`login of ${name}: ${answer.status} ${answer.body}`);
    return { cookie: cookieOf(answer), ...this.here() };
  }

  async token(name: string, scope: Scope) {
    const answer = await this.tell("POST", "/api/tokens", { name, scope, days: 30 });
    return madeTokenSchema.parse(JSON.parse(answer.body));
  }

  /** The record of changes, newest first; `query` goes on with `&…`. */
  async record(query = ""): Promise<AuditEntry[]> {
    const answer = await this.tell("GET", `/api/audit?limit=1000${query}`);
    return auditPageSchema.parse(JSON.parse(answer.body)).entries;
  }
}
