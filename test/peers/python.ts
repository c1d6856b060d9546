import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { root } from "../support/program.js";
import type { Line } from "./judge.js";

const run = promisify(execFile);

/** The readers, and the versions that the page was made with. */
export const READERS = { pyasic: "0.79.0", "pyasic-rs": "0.8.6" } as const;

/** A Python with the readers in a scratch environment that is kept for the next time; or why there is none. */
export async function findPython(): Promise<{ path: string } | string> {
  const check = "import sys, venv; sys.exit(sys.version_info < (3, 11))";
  const isThere = await run("python3", ["-c", check]).then(
    () => true,
    () => false,
  );
  if (!isThere) return "there is no Python 3.11 or later with venv on the PATH as python3";
  const wanted = Object.entries(READERS).map(([name, version]) => `${name}==${version}`);
  const home = join(tmpdir(), `hashwatt-peers-${Object.values(READERS).join("-")}`);
  const path = join(home, "bin", "python");
  try {
    if (!existsSync(path)) await run("python3", ["-m", "venv", home]);
    await run(path, ["-m", "pip", "install", "-q", "--only-binary", ":all:", ...wanted], {
      timeout: 300_000,
    });
  } catch (error) {
    return `${wanted.join(" and ")} cannot be installed: ${(error as Error).message.split("\n", 1)[0]}`;
  }
  return { path };
}

/** What the readers made of the rigs at these addresses. */
export async function readWith({ path }: { path: string }, addresses: readonly string[]): Promise<Line[]> {
  const child = spawn(path, [join(root, "test/peers/read.py")], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(`${addresses.join("\n")}\n`);
  const lines: Line[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(JSON.parse(line) as Line);
  return lines;
}
