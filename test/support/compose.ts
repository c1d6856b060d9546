import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "./program.js";

export interface ComposeService {
  image?: string;
  build?: { context: string; target: string };
  user?: string;
  entrypoint?: string[];
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  tmpfs?: string[];
  networks?: string[];
  network_mode?: string;
  ports?: string[];
  profiles?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[]; interval: string; timeout: string; retries: number; start_period: string };
  restart?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  deploy?: { resources: { limits: { cpus: string; memory: string; pids: number } } };
}

export interface Compose {
  services: Record<string, ComposeService>;
  networks: Record<string, unknown>;
  volumes: Record<string, unknown>;
}

/** Puts variables in as compose does: `$$`, `${X}`, `${X:-default}`, `${X:?what is missing}`. Throws what is missing. */
export function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$(?:(\$)|\{(\w+)(?:(:[-?])([^${}]*))?\}|)/g,
    (whole, dollar, name, how, rest = "") => {
      if (dollar) return "$";
      if (name === undefined) throw new Error(`not understood in a compose file: ${whole} of ${text}`);
      const value = env[name] ?? "";
      if (value !== "" || how === undefined) return value;
      if (how === ":-") return rest;
      throw new Error(`${name}: ${rest}`);
    },
  );
}

/** A compose file of this repository with the variables put in. */
export function readCompose(path: string, env: Readonly<Record<string, string>>): Compose {
  const fill = (value: unknown): unknown => {
    if (typeof value === "string") return interpolate(value, env);
    if (Array.isArray(value)) return value.map(fill);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]));
  };
  return fill(parse(readFileSync(join(root, path), "utf8"), { merge: true })) as Compose;
}

/** What an env file sets. */
export function parseEnv(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split("\n")
      .filter((line) => /^[A-Z_]+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

/** What `.env` sets when it is made by `make-env.sh`, as an operator makes it. */
export function madeEnv(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-env-"));
  try {
    copyFileSync(join(root, ".env.example"), join(folder, ".env.example"));
    execFileSync("sh", [join(root, "packaging/compose/make-env.sh"), folder], { stdio: "pipe" });
    return parseEnv(readFileSync(join(folder, ".env"), "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
