import type { Clock } from "@hashwatt/protocol/time";
import { accessProblem, type InfluxConfig, type InfluxFlavour } from "../../config/influx.js";
import { ServerError } from "../../error.js";
import { failure } from "./failure.js";
import { type HttpAnswer, InfluxHttp } from "./http.js";

/** What an InfluxDB says of itself. `version` as in its header, e.g. `1.6.7` or `2.9.1`. */
export interface InfluxInstance {
  flavour: InfluxFlavour;
  version: string;
}

/** One series of an answer, or a part of it. `values` are rows in the order of `columns`; a time is in ms. */
export interface InfluxSeries {
  name: string;
  /** Of a `GROUP BY`. */
  tags: Record<string, string>;
  columns: string[];
  values: (string | number | boolean | null)[][];
}

/** A request of InfluxDB's own interface. */
export interface InfluxRequest {
  method: "GET" | "POST" | "PATCH";
  /** With the query, encoded. */
  path: string;
  /** Sent as JSON. */
  json?: unknown;
}

/** Numbers and texts that stand for `$name` in a statement. */
export type InfluxParams = Readonly<Record<string, string | number>>;

interface QueryAnswer {
  error?: string;
  results?: {
    error?: string;
    series?: {
      name?: string;
      tags?: Record<string, string>;
      columns: string[];
      values?: InfluxSeries["values"];
    }[];
  }[];
}

/** Bodies below are not worth compressing. */
const GZIP_BYTES = 1_000;
const JSON_TYPE = "application/json";

/**
 * The InfluxDB of a config. Knows how each flavour is written to and asked, who we are to it, and nothing of what is in it.
 * Every method rejects with a ServerError: `storeUnreachable`, `storeDenied`, `storeMissing`, `storeFailed` (retryable but for
 * a statement that is wrong), `storeClosed`, and `config` where the InfluxDB is of a flavour that the config is not made for.
 */
export class InfluxClient {
  readonly #http: InfluxHttp;
  #instance: InfluxInstance | undefined;
  #gzip: boolean;

  /** Connects to nothing yet. Throws ServerError `config` when the authority's file cannot be read. */
  constructor(
    readonly config: InfluxConfig,
    clock: Pick<Clock, "after">,
  ) {
    this.#gzip = config.gzip ?? !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(config.url).hostname);
    this.#http = new InfluxHttp(config, clock);
  }

  /** Where it is, as messages name it. */
  get url(): string {
    return this.config.url;
  }

  /** What it has said of itself; undefined before {@link connect} has had an answer. */
  get instance(): InfluxInstance | undefined {
    return this.#instance;
  }

  /** Asks what it is; once it has answered, that is kept. The flavour is the config's where it names one. */
  async connect(): Promise<InfluxInstance> {
    if (this.#instance) return this.#instance;
    const answer = await this.ping();
    const version = text(answer.headers["x-influxdb-version"])?.replace(/^v/, "");
    const said = /^[123](?=\.)/.exec(version ?? "")?.[0] as InfluxFlavour | undefined;
    const flavour = this.config.flavour ?? said;
    if (flavour === undefined) {
      throw new ServerError(
        "storeFailed",
        `what answers at ${this.url} does not say which InfluxDB it is: correct store.influx.url, or say 1, 2 or 3 in store.influx.flavour`,
        { retryable: true },
      );
    }
    const problem = accessProblem(this.config, flavour);
    if (problem !== undefined) throw new ServerError("config", `store.influx ${problem}`);
    this.#instance = { flavour, version: version ?? flavour };
    return this.#instance;
  }

  /** Resolves when it answers at all. */
  async ping(): Promise<HttpAnswer> {
    const answer = await this.#http.ask({ method: "GET", path: "/ping", body: "", headers: {} });
    if (answer.status < 300) return answer;
    throw failure({ url: this.url, what: "read" }, answer.status, answer.body, true);
  }

  /** Sends line protocol with times in ms; the answer is the caller's to judge. */
  async send(database: string, body: string): Promise<HttpAnswer> {
    const { flavour } = await this.connect();
    const [name, org] = [database, this.config.org ?? ""].map(encodeURIComponent);
    const target = {
      1: `/write?db=${name}`,
      2: `/api/v2/write?org=${org}&bucket=${name}`,
      3: `/api/v2/write?bucket=${name}`,
    };
    const request = {
      method: "POST",
      path: `${target[flavour]}&precision=ms`,
      body,
      headers: { "content-type": "text/plain; charset=utf-8" },
    };
    if (!this.#gzip) return this.#http.ask(request);
    const answer = await this.#http.ask({ ...request, gzipThreshold: GZIP_BYTES });
    if (![400, 415, 500].includes(answer.status) || /unable to parse|partial write/i.test(answer.body))
      return answer;
    // Something on the way may not take compressed bodies.
    const plain = await this.#http.ask(request);
    if (plain.status < 300) this.#gzip = false;
    return plain;
  }

  /** One request of InfluxDB's own interface; the answer is the caller's to judge. */
  request({ method, path, json }: InfluxRequest): Promise<HttpAnswer> {
    const body = json === undefined ? "" : JSON.stringify(json);
    return this.#http.ask({ method, path, body, headers: { "content-type": JSON_TYPE, accept: JSON_TYPE } });
  }

  /** The series that one InfluxQL statement answers, in no order. `params` fill its `$names`. */
  async query(database: string, statement: string, params: InfluxParams = {}): Promise<InfluxSeries[]> {
    const series: InfluxSeries[] = [];
    for await (const part of this.queryParts(database, statement, params)) series.push(part);
    return series;
  }

  /** As {@link query}, as it arrives: a long series in several parts. */
  async *queryParts(
    database: string,
    statement: string,
    params: InfluxParams = {},
  ): AsyncGenerator<InfluxSeries> {
    const form = new URLSearchParams({ db: database, q: statement, epoch: "ms", chunked: "true" });
    if (Object.keys(params).length) form.set("params", JSON.stringify(params));
    const asked = { url: this.url, what: "read", database } as const;
    for await (const document of this.#documents(asked, form.toString())) {
      const { error, results = [] } = JSON.parse(document) as QueryAnswer;
      const problem = error ?? results.find((result) => result.error !== undefined)?.error;
      if (problem !== undefined) throw failure(asked, 200, problem);
      for (const { series = [] } of results)
        for (const { name = "", tags = {}, columns, values = [] } of series)
          yield { name, tags, columns, values };
    }
  }

  /** Ends what is under way, and the connections. */
  close(): void {
    this.#http.close();
  }

  /** The JSON documents of an answer, one a line. */
  async *#documents(asked: Parameters<typeof failure>[0], body: string): AsyncGenerator<string> {
    const headers = { "content-type": "application/x-www-form-urlencoded", accept: JSON_TYPE };
    let chunks: Uint8Array[] = [];
    const whole = (): string => {
      const text = Buffer.concat(chunks).toString();
      chunks = [];
      return text;
    };
    for await (const chunk of this.#http.chunks({ method: "POST", path: "/query", body, headers })) {
      if (!(chunk instanceof Uint8Array)) throw failure(asked, chunk.status, chunk.body);
      const end = chunk.lastIndexOf(NEWLINE);
      if (end < 0) {
        chunks.push(chunk);
        continue;
      }
      chunks.push(chunk.subarray(0, end));
      for (const line of whole().split("\n")) if (line !== "") yield line;
      chunks.push(chunk.subarray(end + 1));
    }
    const last = whole();
    if (last.trim() !== "") yield last;
  }
}

const NEWLINE = 0x0a;
const text = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;
