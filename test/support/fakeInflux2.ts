import {
  type FakeAnswer,
  type FakeRequest,
  type FakeServer,
  type FakeTrouble,
  fakeLine,
  isText,
  serveFake,
} from "./fakeHttp.js";

/** What a token may do; names are of buckets. */
export interface FakeToken {
  read: "all" | string[];
  write: "all" | string[];
  /** Make and change buckets. */
  manage?: boolean;
}

/** A bucket as the fake keeps it; `everySeconds` 0 is for ever. */
export interface FakeBucket {
  id: string;
  name: string;
  everySeconds: number;
  lines: string[];
}

/**
 * An InfluxDB 2.x as 2.9.1 was observed to answer: buckets, writes with partial refusals, and `/query` with the answers that a
 * test gives. Anything else that is asked is noted as unexpected.
 */
export interface FakeInflux2 extends FakeServer {
  readonly buckets: FakeBucket[];
  readonly mappings: { bucketID: string; database: string }[];
  /** Bodies of the writes that were tried. */
  readonly writes: string[];
  /** Statements that were asked. */
  readonly statements: string[];
  /** Series by the beginning of their statement. */
  readonly answers: Map<string, unknown[]>;
  /** Answers a write in place of the server, where it has an answer. */
  trouble: FakeTrouble | undefined;
}

const ORG = { id: "0a1b2c3d4e5f6071", name: "mine" };
const unauthorized = (what: string): FakeAnswer => ({
  status: 401,
  body: { code: "unauthorized", message: what },
});
const unprocessable = (message: string): FakeAnswer => ({
  status: 422,
  body: { code: "unprocessable entity", message: `failure writing points to database: ${message}` },
});

/** Starts the fake. `buckets` are there at first, with their retention in seconds. */
export async function startFakeInflux2(options: {
  version?: string;
  tokens: Record<string, FakeToken>;
  buckets?: Record<string, number>;
}): Promise<FakeInflux2> {
  const version = options.version ?? "2.9.1";
  let nextId = 1;
  const made = (name: string, everySeconds: number): FakeBucket => ({
    id: `b${nextId++}`,
    name,
    everySeconds,
    lines: [],
  });
  const buckets = Object.entries(options.buckets ?? {}).map(([name, seconds]) => made(name, seconds));
  const fake = {
    buckets,
    mappings: [] as { bucketID: string; database: string }[],
    writes: [] as string[],
    statements: [] as string[],
    answers: new Map<string, unknown[]>(),
    trouble: undefined as FakeTrouble | undefined,
  };
  const shown = ({ id, name, everySeconds }: FakeBucket) => ({
    id,
    orgID: ORG.id,
    type: "user",
    name,
    retentionRules: everySeconds ? [{ type: "expire", everySeconds, shardGroupDurationSeconds: 86_400 }] : [],
  });
  const may = (list: "all" | string[], name: string) => list === "all" || list.includes(name);
  /** The types of fields, which the first value decides. */
  const types = new Map<string, boolean>();

  function write(bucket: FakeBucket, body: string): FakeAnswer {
    const lines = body.split("\n");
    for (const line of lines)
      if (!fakeLine(line))
        return {
          status: 400,
          body: { code: "invalid", message: `unable to parse '${line}': missing fields` },
        };
    let old = 0;
    let conflicts: string | undefined;
    let conflicting = 0;
    for (const line of lines) {
      const { measurement, fields, atMs } = fakeLine(line)!;
      if (bucket.everySeconds && atMs < Date.now() - bucket.everySeconds * 1_000) {
        old++;
        continue;
      }
      const wrong = [...fields].find(([name, value]) => {
        const key = `${bucket.id} ${measurement} ${name}`;
        if (!types.has(key)) types.set(key, isText(value));
        return types.get(key) !== isText(value);
      });
      if (wrong) {
        conflicting++;
        conflicts = `input field "${wrong[0]}" on measurement "${measurement}" is type ${isText(wrong[1]) ? "string, already exists as type float" : "float, already exists as type string"}`;
      } else bucket.lines.push(line);
    }
    if (conflicts)
      return unprocessable(`partial write: field type conflict: ${conflicts} dropped=${conflicting}`);
    if (old) return unprocessable(`partial write: points beyond retention policy dropped=${old}`);
    return { status: 204 };
  }

  function answer({ method, path, query, headers, body }: FakeRequest): FakeAnswer | undefined {
    const about = { "x-influxdb-version": version, "x-influxdb-build": "OSS" };
    if (method === "GET" && path === "/ping") return { status: 204, headers: about };
    const token = options.tokens[/^Token (.+)$/.exec(headers.authorization ?? "")?.[1] ?? ""];
    if (!token) return unauthorized("unauthorized access");
    const json = () => JSON.parse(body) as Record<string, never>;
    switch (`${method} ${path}`) {
      case "GET /api/v2/buckets": {
        if (query.get("org") !== ORG.name)
          return { status: 404, body: { code: "not found", message: "organization name not found" } };
        const seen = buckets.filter(
          ({ name }) => may(token.read, name) && (!query.has("name") || query.get("name") === name),
        );
        return { status: 200, body: { buckets: seen.slice(0, Number(query.get("limit") ?? 20)).map(shown) } };
      }
      // A token that is made for buckets sees no organisation.
      case "GET /api/v2/orgs":
        return { status: 200, body: { orgs: token.manage ? [ORG] : [] } };
      case "POST /api/v2/buckets": {
        const { orgID, name, retentionRules } = json() as unknown as {
          orgID: string;
          name: string;
          retentionRules: { everySeconds: number }[];
        };
        if (orgID !== ORG.id) return undefined;
        if (!token.manage) return unauthorized(`write:orgs/${orgID}/buckets is unauthorized`);
        if (buckets.some((bucket) => bucket.name === name))
          return {
            status: 422,
            body: { code: "conflict", message: `bucket with name ${name} already exists` },
          };
        const bucket = made(name, retentionRules[0]?.everySeconds ?? 0);
        buckets.push(bucket);
        return { status: 201, body: shown(bucket) };
      }
      case "GET /api/v2/dbrps": {
        const content = fake.mappings.filter(({ database }) => database === query.get("db"));
        return query.get("orgID") === ORG.id ? { status: 200, body: { content } } : undefined;
      }
      case "POST /api/v2/dbrps": {
        const mapping = json() as unknown as { bucketID: string; database: string; orgID: string };
        if (mapping.orgID !== ORG.id) return undefined;
        fake.mappings.push(mapping);
        return { status: 201, body: mapping };
      }
      case "POST /api/v2/write": {
        if (query.get("precision") !== "ms" || query.get("org") !== ORG.name) return undefined;
        fake.writes.push(body);
        const trouble = fake.trouble?.({ body, headers });
        if (trouble) return trouble;
        const name = query.get("bucket") ?? "";
        const bucket = buckets.find((each) => each.name === name);
        if (!bucket)
          return { status: 404, body: { code: "not found", message: `bucket "${name}" not found` } };
        if (!may(token.write, name))
          return { status: 403, body: { code: "forbidden", message: "insufficient permissions for write" } };
        return body === "" ? { status: 204 } : write(bucket, body);
      }
      case "POST /query":
        return influxQl(new URLSearchParams(body), token);
    }
    const [, id] = /^\/api\/v2\/buckets\/(\w+)$/.exec(path) ?? [];
    const bucket = buckets.find((each) => each.id === id);
    if (method !== "PATCH" || !bucket) return undefined;
    if (!token.manage) return unauthorized(`write:orgs/${ORG.id}/buckets/${id} is unauthorized`);
    const { retentionRules } = json() as unknown as { retentionRules: { everySeconds: number }[] };
    bucket.everySeconds = retentionRules[0]?.everySeconds ?? 0;
    return { status: 200, body: shown(bucket) };
  }

  function influxQl(form: URLSearchParams, token: FakeToken): FakeAnswer | undefined {
    const [name, statement] = [form.get("db") ?? "", form.get("q") ?? ""];
    fake.statements.push(statement);
    const bucket = buckets.find((each) => each.name === name);
    const mapped = /^2\.[0-3]\./.test(version)
      ? fake.mappings.some(({ database }) => database === name)
      : true;
    if (!bucket || !mapped || !may(token.read, name))
      return { status: 200, body: { results: [{ statement_id: 0, error: `database not found: ${name}` }] } };
    const found = [...fake.answers].find(([beginning]) => statement.startsWith(beginning));
    return found && { status: 200, body: { results: [{ statement_id: 0, series: found[1] }] } };
  }

  return Object.assign(fake, await serveFake(answer));
}
