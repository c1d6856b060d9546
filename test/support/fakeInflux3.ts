import {
  type FakeAnswer,
  type FakeRequest,
  type FakeServer,
  type FakeTrouble,
  fakeLine,
  isText,
  serveFake,
} from "./fakeHttp.js";

/** What a token may do in a fake InfluxDB 3. */
export interface FakeToken3 {
  /** List and make databases. */
  admin: boolean;
}

/**
 * An InfluxDB 3 Core as its source says it answers: databases, writes that store the good lines of a body, and `/query` with
 * the answers that a test gives. Anything else that is asked is noted as unexpected.
 */
export interface FakeInflux3 extends FakeServer {
  /** Databases with their retention, as it was asked for; undefined is for ever. */
  readonly databases: Map<string, string | undefined>;
  readonly lines: string[];
  readonly writes: string[];
  readonly statements: string[];
  /** Series by the beginning of their statement. */
  readonly answers: Map<string, unknown[]>;
  /** Answers a write in place of the server, where it has an answer. */
  trouble: FakeTrouble | undefined;
}

/** Starts the fake. */
export async function startFakeInflux3(options: {
  tokens: Record<string, FakeToken3>;
  databases?: string[];
  tls?: { cert: Buffer; key: Buffer };
}): Promise<FakeInflux3> {
  const fake = {
    databases: new Map<string, string | undefined>(
      (options.databases ?? []).map((name) => [name, undefined]),
    ),
    lines: [] as string[],
    writes: [] as string[],
    statements: [] as string[],
    answers: new Map<string, unknown[]>(),
    trouble: undefined as FakeTrouble | undefined,
  };
  const types = new Map<string, boolean>();

  /** Why a line is left out; undefined when it is stored. */
  function problemOf(text: string): string | undefined {
    const line = fakeLine(text);
    if (!line) return "Could not parse entire line";
    for (const [name, value] of line.fields) {
      const key = `${line.measurement} ${name}`;
      const known = types.get(key) ?? isText(value);
      types.set(key, known);
      if (known === isText(value)) continue;
      const kind = (is: boolean) => `iox::column_type::field::${is ? "string" : "float"}`;
      return `invalid column type for column '${name}', expected ${kind(known)}, got ${kind(isText(value))}`;
    }
    return undefined;
  }

  function write(database: string, body: string): FakeAnswer {
    // The first write makes the database, without a retention.
    if (!fake.databases.has(database)) fake.databases.set(database, undefined);
    const data = body.split("\n").flatMap((line, at) => {
      const problem = problemOf(line);
      if (problem === undefined) {
        fake.lines.push(line);
        return [];
      }
      return [{ original_line: line.slice(0, 60), line_number: at + 1, error_message: problem }];
    });
    if (!data.length) return { status: 204 };
    return { status: 400, body: { error: "partial write of line protocol occurred", data } };
  }

  function answer({ method, path, query, headers, body }: FakeRequest): FakeAnswer | undefined {
    if (method === "GET" && path === "/ping")
      return {
        status: 200,
        headers: { "x-influxdb-version": "3.9.0", "x-influxdb-build": "Core" },
        body: { version: "3.9.0", revision: "fake", process_id: "fake" },
      };
    const token = options.tokens[/^(?:Token|Bearer) (.+)$/.exec(headers.authorization ?? "")?.[1] ?? ""];
    if (!token) return { status: 401, body: { error: "the request was not authenticated" } };
    switch (`${method} ${path}`) {
      case "GET /api/v3/configure/database":
        if (query.get("format") !== "json") return undefined;
        if (!token.admin) return { status: 403, body: { error: "the request was not authorized" } };
        return { status: 200, body: [...fake.databases.keys()].map((name) => ({ "iox::database": name })) };
      case "POST /api/v3/configure/database": {
        if (!token.admin) return { status: 403, body: { error: "the request was not authorized" } };
        const { db, retention_period } = JSON.parse(body) as { db: string; retention_period?: string };
        if (fake.databases.has(db))
          return { status: 409, body: { error: "attempted to create a resource that already exists" } };
        fake.databases.set(db, retention_period);
        return { status: 200 };
      }
      case "POST /api/v2/write": {
        if (query.get("precision") !== "ms" || query.has("org")) return undefined;
        fake.writes.push(body);
        const trouble = fake.trouble?.({ body, headers });
        if (trouble) return trouble;
        return body === "" ? { status: 204 } : write(query.get("bucket") ?? "", body);
      }
      case "POST /query": {
        const form = new URLSearchParams(body);
        const [name, statement] = [form.get("db") ?? "", form.get("q") ?? ""];
        fake.statements.push(statement);
        if (!fake.databases.has(name)) return { status: 400, body: `Database ${name} not found` };
        const found = [...fake.answers].find(([beginning]) => statement.startsWith(beginning));
        return found && { status: 200, body: { results: [{ statement_id: 0, series: found[1] }] } };
      }
    }
    return undefined;
  }

  return Object.assign(fake, await serveFake(answer, options.tls));
}
