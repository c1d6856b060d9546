import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { type BuildStage, type Dockerfile, ignores, parseDockerfile } from "./dockerfile.js";
import { root } from "./program.js";

const isRoot = process.getuid?.() === 0;

/**
 * Carries out this repository's Dockerfile on folders instead of images: FROM copies the folder of the stage below, COPY
 * copies what .dockerignore lets through, RUN runs in the folder with npm and node of this machine. What an image of the
 * distribution would bring is this machine's.
 */
export class ImageBuild {
  readonly file: Dockerfile;
  readonly #folder: string;
  readonly #ignored: (path: string) => boolean;
  readonly #built = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
    this.file = parseDockerfile(readFileSync(join(root, "Dockerfile"), "utf8"));
    this.#ignored = ignores(readFileSync(join(root, ".dockerignore"), "utf8"));
  }

  /** Builds a stage and those that it needs; the folder that stands for its root. */
  async stage(name: string): Promise<string> {
    const done = this.#built.get(name);
    if (done !== undefined) return done;
    const stage = this.file.stages.find((candidate) => candidate.name === name);
    if (!stage) throw new Error(`there is no stage ${name}`);
    const at = join(this.#folder, name);
    mkdirSync(at);
    if (this.file.stages.some((below) => below.name === stage.from))
      cpSync(await this.stage(stage.from), at, { recursive: true, verbatimSymlinks: true });
    await this.#carryOut(stage, at);
    this.#built.set(name, at);
    return at;
  }

  async #carryOut(stage: BuildStage, at: string): Promise<void> {
    let workdir = "/";
    for (const step of stage.steps)
      switch (step.op) {
        case "WORKDIR":
          workdir = step.text;
          mkdirSync(join(at, workdir), { recursive: true });
          break;
        case "COPY": {
          const sources = step.words.slice(0, -1);
          const target = step.words.at(-1)!;
          const to = join(at, target.startsWith("/") ? target : join(this.#workdirOf(stage), target));
          const { from } = step.flags;
          const base = from === undefined ? root : await this.stage(from);
          for (const source of sources)
            this.#copy(base, join(base, source), to, target.endsWith("/"), from === undefined);
          if (step.flags.chown !== undefined) chown(to, step.flags.chown);
          break;
        }
        case "RUN":
          await run(step.text, join(at, this.#workdirOf(stage)));
          break;
      }
  }

  /** WORKDIR is inherited from the stage below. */
  #workdirOf(stage: BuildStage): string {
    const own = stage.steps.findLast(({ op }) => op === "WORKDIR");
    if (own) return own.text;
    const below = this.file.stages.find((candidate) => candidate.name === stage.from);
    return below ? this.#workdirOf(below) : "/";
  }

  #copy(base: string, source: string, to: string, intoFolder: boolean, fromContext: boolean): void {
    if (!existsSync(source)) throw new Error(`COPY: there is no ${relative(base, source)}`);
    const kept = (path: string) => !fromContext || path === base || !this.#ignored(relative(base, path));
    if (statSync(source).isDirectory()) {
      mkdirSync(to, { recursive: true });
      cpSync(source, to, {
        recursive: true,
        verbatimSymlinks: true,
        filter: (path) => path === source || kept(path),
      });
      return;
    }
    if (!kept(source)) throw new Error(`COPY: .dockerignore keeps ${relative(base, source)} away`);
    const file = intoFolder ? join(to, source.split("/").at(-1)!) : to;
    mkdirSync(dirname(file), { recursive: true });
    cpSync(source, file);
  }
}

function chown(path: string, owner: string): void {
  const [uid, gid] = owner.split(":").map(Number);
  if (isRoot) chownSync(path, uid!, gid!);
}

/** Runs a shell line as a build does: with none of the variables of whoever builds but those that find programs. */
async function run(line: string, cwd: string): Promise<void> {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(PATH|HOME|TMPDIR|.*CERT.*|npm_config_.*)$/i.test(name),
  );
  const child = spawn("sh", ["-c", line], {
    cwd,
    // What npm has fetched for this repository already, it need not fetch again.
    env: { ...Object.fromEntries(kept), npm_config_prefer_offline: "true" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`RUN ${line} ended with ${code}:\n${said.slice(-4_000)}`);
}

/** Takes away every right to write below a folder, as a read-only root does; symbolic links are left alone. */
export function makeReadOnly(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) makeReadOnly(path);
    else if (!entry.isSymbolicLink()) chmodSync(path, lstatSync(path).mode & 0o555);
  }
  chmodSync(folder, 0o555);
}
