import type { InfluxClient } from "./client.js";
import { failure, saidIn } from "./failure.js";
import {
  hoursOf,
  isDenied,
  json,
  keepsOther,
  missing,
  type Provisioned,
  type WantedDatabase,
} from "./wanted.js";

interface Bucket {
  id: string;
  orgID: string;
  name: string;
  retentionRules?: { type: string; everySeconds: number }[];
}
interface Buckets {
  buckets?: Bucket[];
}

const keptMs = ({ retentionRules = [] }: Bucket): number => {
  const seconds = retentionRules.find(({ type }) => type === "expire")?.everySeconds ?? 0;
  return seconds > 0 ? seconds * 1_000 : Number.POSITIVE_INFINITY;
};
const rulesOf = (keepMs: number) =>
  Number.isFinite(keepMs) ? [{ type: "expire", everySeconds: Math.round(keepMs / 1_000) }] : [];

/** Before 2.4 a bucket can be asked over InfluxQL only under a mapping of its own. */
const needsMapping = (version: string): boolean => {
  const [, minor = Number.POSITIVE_INFINITY] = version.split(".").map(Number);
  return minor < 4;
};

/** InfluxDB 2.x: buckets, by its own interface. Sentences and errors as of `provision`. */
export async function provision2(
  client: InfluxClient,
  wanted: readonly WantedDatabase[],
  version: string,
  absent: (name: string) => void,
): Promise<Provisioned> {
  const notes: string[] = [];
  const kept = new Map<string, number>();
  const org = encodeURIComponent(client.config.org ?? "");
  for (const database of wanted) {
    const { name, keepMs } = database;
    const path = `/api/v2/buckets?org=${org}&name=${encodeURIComponent(name)}`;
    let bucket = (await json<Buckets>(client, path)).buckets?.find((found) => found.name === name);
    kept.set(name, keepMs);
    if (!bucket) {
      absent(name);
      bucket = await create(client, database, org);
    } else {
      const heldMs = keptMs(bucket);
      if (heldMs > keepMs || (heldMs < keepMs && !(await lengthen(client, bucket, keepMs)))) {
        kept.set(name, heldMs);
        const how = `influx bucket update --id ${bucket.id} --retention ${Number.isFinite(keepMs) ? `${hoursOf(keepMs)}h` : "0"}`;
        notes.push(keepsOther("bucket", name, { heldMs, wantedMs: keepMs, how }));
      }
    }
    if (needsMapping(version)) await map(client, bucket);
  }
  return { notes, keepMs: kept };
}

async function create(client: InfluxClient, database: WantedDatabase, org: string): Promise<Bucket> {
  const { name, keepMs } = database;
  if (!client.config.create) throw missing(client, "bucket", database);
  // A token that is made for buckets lists no organisations: any bucket that it sees tells the organisation's id.
  const [any] = (await json<Buckets>(client, `/api/v2/buckets?org=${org}&limit=1`)).buckets ?? [];
  const orgID = any?.orgID ?? (await organisation(client, org));
  if (orgID === undefined)
    throw missing(
      client,
      "bucket",
      database,
      `the token sees nothing of organisation "${client.config.org}"`,
    );
  const answer = await client.request({
    method: "POST",
    path: "/api/v2/buckets",
    json: { orgID, name, retentionRules: rulesOf(keepMs) },
  });
  if (answer.status === 201) return JSON.parse(answer.body) as Bucket;
  if (isDenied(answer.status))
    throw missing(
      client,
      "bucket",
      database,
      `the token needs write:buckets; ${answer.status}: ${saidIn(answer.body)}`,
    );
  if (answer.status === 422 && /conflict|already exists/i.test(answer.body))
    throw missing(client, "bucket", database, "or it is there and the token may not read it");
  throw failure({ url: client.url, what: "make", database: name }, answer.status, answer.body, true);
}

async function organisation(client: InfluxClient, org: string): Promise<string | undefined> {
  const answer = await client.request({ method: "GET", path: `/api/v2/orgs?org=${org}` });
  if (answer.status !== 200) return undefined;
  return (JSON.parse(answer.body) as { orgs?: { id: string }[] }).orgs?.[0]?.id;
}

/** Whether the bucket now keeps its points so long. */
async function lengthen(client: InfluxClient, bucket: Bucket, keepMs: number): Promise<boolean> {
  if (!client.config.create) return false;
  const answer = await client.request({
    method: "PATCH",
    path: `/api/v2/buckets/${encodeURIComponent(bucket.id)}`,
    json: { retentionRules: rulesOf(keepMs) },
  });
  return answer.status === 200;
}

async function map(client: InfluxClient, { id, orgID, name }: Bucket): Promise<void> {
  const path = `/api/v2/dbrps?orgID=${encodeURIComponent(orgID)}&db=${encodeURIComponent(name)}`;
  const { content = [] } = await json<{ content?: { bucketID: string }[] }>(client, path);
  if (content.some(({ bucketID }) => bucketID === id)) return;
  const mapping = { orgID, bucketID: id, database: name, retention_policy: "autogen", default: true };
  const answer = await client.request({ method: "POST", path: "/api/v2/dbrps", json: mapping });
  if (answer.status >= 300)
    throw failure({ url: client.url, what: "make", database: name }, answer.status, answer.body, true);
}
