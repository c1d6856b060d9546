import { join } from "node:path";
import { isForbiddenHost } from "../../alerts/notifiers/targetGuard.js";
import { readSecret } from "../../config/secretFile.js";
import { SOURCE_ENV_PREFIX, sourceSecret } from "../../config/sourceSecret.js";
import { ServerError } from "../../error.js";
import type { DocumentKind } from "../../settings/documentKind.js";
import type { Settings } from "../../settings/settings.js";
import type { RateFetcher } from "./rateFetcher.js";
import { fetcherOf, type SourceConfig, sourceProblem, sourceSchema } from "./registry.js";
import { refsOf } from "./sourceSchema.js";

/** Names under which the values of a source's keys lie, and files that it reads. */
const FILE_KEYS = ["file", "cookieFile"] as const;
const URL_KEYS = ["url", "loginUrl"] as const;
/** A file beside the others of its folder. */
const BARE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const SECRETIVE = /key|token|secret|pass|sig|auth/i;

/** What sources that are made while the server runs may do. */
export interface SourceLimits {
  /** Ids of the sources of the config. */
  configured: ReadonlySet<string>;
  /** They may lead to private and local addresses too. */
  privateSources: boolean;
}

type Wrong = { path: string; message: string };

/** The kind of document that is a source: who asks strangers, and with what, is the admin's to say. */
export const sourceKind = ({ configured, privateSources }: SourceLimits): DocumentKind<SourceConfig> => ({
  kind: "source",
  collection: "sources",
  perSite: "never",
  role: "admin",
  schema: sourceSchema,
  idOf: ({ id }) => id,
  defects: (documents) =>
    documents.flatMap(({ id, value }) => {
      const wrong: Wrong[] = [];
      if (configured.has(id))
        wrong.push({
          path: "id",
          message: `"${id}" is a source of the server's config; choose another name`,
        });
      const problem = sourceProblem(value);
      if (problem) wrong.push({ path: problem.key, message: problem.message });
      wrong.push(...fileProblems(value), ...keyProblems(value), ...urlProblems(value, privateSources));
      return wrong.map((each) => ({ id, ...each }));
    }),
});

/** A server's files are not to be read out, and its secrets not to be sent, by whoever may change settings. */
const fileProblems = (source: SourceConfig): Wrong[] =>
  FILE_KEYS.flatMap((key) => {
    const file = (source as Partial<Record<string, unknown>>)[key];
    if (typeof file !== "string" || BARE.test(file)) return [];
    return [
      { path: key, message: `must be the name of a file in the folder sources of the server's data folder` },
    ];
  });

const keyProblems = (source: SourceConfig): Wrong[] =>
  refsOf(source).flatMap(([key, { env, file }]) => {
    if (env !== undefined && !env.startsWith(SOURCE_ENV_PREFIX))
      return [
        { path: `${key}.env`, message: `must begin with ${SOURCE_ENV_PREFIX}: others are not for sources` },
      ];
    if (file !== undefined && !BARE.test(file))
      return [
        {
          path: `${key}.file`,
          message: "must be the name of a file in the folder sources of the server's data folder",
        },
      ];
    return [];
  });

const urlProblems = (source: SourceConfig, privateSources: boolean): Wrong[] =>
  URL_KEYS.flatMap((key) => {
    const text = (source as Partial<Record<string, unknown>>)[key];
    if (typeof text !== "string" || !URL.canParse(text)) return [];
    const url = new URL(text);
    const secretive = [...url.searchParams.keys()].find((name) => SECRETIVE.test(name));
    if (secretive !== undefined)
      return [
        {
          path: key,
          message: `has "${secretive.slice(0, 40)}" in its query: an address is shown to everybody; name the secret in key`,
        },
      ];
    if (privateSources || !isForbiddenHost(url.hostname)) return [];
    return [
      {
        path: key,
        message: `${url.host} is private or local, where only a source of the config may lead (or privateSources: true there)`,
      },
    ];
  });

/** The sources that are documents, those that hold together. */
export const documentSources = (settings: Settings): SourceConfig[] => {
  const kind = settings.kinds.get("source") as DocumentKind<SourceConfig> | undefined;
  return kind ? settings.values(kind, "").map(({ value }) => value) : [];
};

/**
 * What asks a source that is a document. Its secrets are looked up when it is asked, so that one that is not there yet is told as what is
 * wrong with it. `folder` is where its files lie.
 */
export function documentFetcher(document: SourceConfig, folder: string): RateFetcher {
  const config = structuredClone(document);
  for (const key of FILE_KEYS) {
    const held = config as Partial<Record<string, unknown>>;
    if (typeof held[key] === "string") held[key] = join(folder, held[key]);
  }
  const fetcher = fetcherOf(config);
  return {
    ...fetcher,
    fetch(question, signal) {
      readKeys(config, folder);
      return fetcher.fetch(question, signal);
    },
  };
}

function readKeys(source: SourceConfig, folder: string): void {
  for (const [key, ref] of refsOf(source)) {
    if (ref.env !== undefined) {
      const secret = sourceSecret(ref.env);
      if (!secret)
        throw new ServerError(
          "sourceFailed",
          `${key}.env: the variable ${ref.env} is not set where the server runs`,
        );
      ref.secret = secret;
    } else if (ref.file !== undefined) {
      const place = `source ${source.id}`;
      const parts = { place, key, secret: undefined, file: join(folder, ref.file), filePlace: `${key}.file` };
      ref.secret = secretOfFile(parts);
    }
  }
}

function secretOfFile(parts: Parameters<typeof readSecret>[0]) {
  try {
    return readSecret(parts)!;
  } catch (cause) {
    throw new ServerError("sourceFailed", (cause as Error).message, { cause, retryable: true });
  }
}
