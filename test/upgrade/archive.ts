import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { Series } from "@hashwatt/protocol/http";
import { root } from "../support/program.js";
import type { Contents, SpooledStream } from "./contents.js";
import type { Message } from "./lab.js";

/**
 * What the code that wrote a fixture made of it: the contents of its stores, what its spools held, what its server answered
 * to the questions, and messages as its programs sent them.
 */
export interface Expected {
  version: string;
  commit: string;
  startMs: number;
  /** When the last program was killed: a test goes on from there. */
  endMs: number;
  contents: Contents;
  spools: Record<string, SpooledStream[]>;
  answers: Record<string, Series | unknown[]>;
  messages: Message[];
}

const fixtures = join(root, "test/fixtures");
const SUFFIX = ".tar.br";

/** Versions that have a fixture. */
export const keptVersions = (): string[] =>
  readdirSync(fixtures)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length));

/** Path of the fixture of a version. */
const fixturePath = (version: string): string => join(fixtures, `${version}${SUFFIX}`);

/** Packs the content of `folder`, the same content into the same bytes. */
export function pack(version: string, folder: string): string {
  const tar = execFileSync(
    "tar",
    ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "-cf", "-", "."],
    { cwd: folder, maxBuffer: 1 << 30 },
  );
  mkdirSync(fixtures, { recursive: true });
  const packed = brotliCompressSync(tar, {
    params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: tar.length },
  });
  writeFileSync(fixturePath(version), packed);
  return fixturePath(version);
}

/** Unpacks the fixture of a version into `folder`: `server/`, `hall-1/`, `hall-2/` and the agent's program in `agent/`. */
export function unpack(version: string, folder: string): Expected {
  mkdirSync(folder, { recursive: true });
  execFileSync("tar", ["-xf", "-"], {
    cwd: folder,
    input: brotliDecompressSync(readFileSync(fixturePath(version))),
  });
  return JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Expected;
}
