/** One instruction of a Dockerfile. `words` is its argument in exec form, or split at blanks; `text` is all of it. */
export interface Instruction {
  op: string;
  flags: Record<string, string>;
  words: string[];
  text: string;
  /** Exec form, a JSON array. */
  exec: boolean;
}

export interface BuildStage {
  name: string;
  /** What it begins with: an image, or an earlier stage. */
  from: string;
  platform: string | undefined;
  steps: Instruction[];
}

export interface Dockerfile {
  /** Default values of the arguments before the first stage. */
  args: Record<string, string>;
  stages: BuildStage[];
}

function instruction(line: string): Instruction {
  const [, op = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(line) ?? [];
  const flags: Record<string, string> = {};
  let text = rest;
  for (;;) {
    const flag = /^--([a-z-]+)=(\S+)\s+/.exec(text);
    if (!flag) break;
    flags[flag[1]!] = flag[2]!;
    text = text.slice(flag[0].length);
  }
  // HEALTHCHECK has a keyword before its command.
  const array = /^(?:CMD\s+)?(\[.*\])$/s.exec(text)?.[1];
  const words = array === undefined ? text.split(/\s+/) : (JSON.parse(array) as string[]);
  return { op: op.toUpperCase(), flags, words, text, exec: array !== undefined };
}

/** Reads a Dockerfile: comments, continued lines, stages. Throws on an instruction before the first stage that is no ARG. */
export function parseDockerfile(text: string): Dockerfile {
  const lines = text
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n")
    .replace(/\\\n/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const file: Dockerfile = { args: {}, stages: [] };
  for (const line of lines) {
    const step = instruction(line);
    const stage = file.stages.at(-1);
    if (step.op === "FROM") {
      const [from = "", as, name = `${file.stages.length}`] = step.words;
      if (as !== undefined && as.toUpperCase() !== "AS") throw new Error(`not understood: ${line}`);
      const filled = from.replace(/\$\{(\w+)\}/g, (_whole, arg: string) => file.args[arg] ?? "");
      file.stages.push({ name, from: filled, platform: step.flags.platform, steps: [] });
    } else if (stage) stage.steps.push(step);
    else if (step.op === "ARG") {
      const [name = "", value = ""] = step.text.split("=", 2);
      file.args[name] = value;
    } else throw new Error(`before the first stage: ${line}`);
  }
  return file;
}

/** The steps of a stage after those of the stages that it is made from, oldest first; and the image at the bottom. */
export function wholeStage(file: Dockerfile, name: string): { image: string; steps: Instruction[] } {
  const stage = file.stages.find((candidate) => candidate.name === name);
  if (!stage) throw new Error(`there is no stage ${name}`);
  if (!file.stages.some((candidate) => candidate.name === stage.from))
    return { image: stage.from, steps: stage.steps };
  const below = wholeStage(file, stage.from);
  return { image: below.image, steps: [...below.steps, ...stage.steps] };
}

/** The last instruction of a kind in a stage, with those that it is made from. */
export function lastOf(file: Dockerfile, stage: string, op: string): Instruction | undefined {
  return wholeStage(file, stage).steps.findLast((step) => step.op === op);
}

/** ENV of a stage, with those that it is made from. */
export function environmentOf(file: Dockerfile, stage: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const step of wholeStage(file, stage).steps)
    if (step.op === "ENV") {
      const at = step.text.indexOf("=");
      env[step.text.slice(0, at)] = step.text.slice(at + 1);
    }
  return env;
}

/** Whether the builder gets to see a file, by the lines of a .dockerignore; the last line that matches decides. */
export function ignores(dockerignore: string): (path: string) => boolean {
  const rules = dockerignore
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const pattern = line.replace(/^!/, "");
      const source = pattern
        .split("/")
        .map((part) =>
          part === "**" ? "**" : part.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, "[^/]*"),
        )
        .join("/")
        .replace(/\*\*\//g, "(?:.*/)?")
        .replace(/\*\*/g, ".*");
      // What lies in a folder that matches, matches.
      return { kept: line.startsWith("!"), regexp: new RegExp(`^${source}(?:/|$)`) };
    });
  return (path) => rules.findLast(({ regexp }) => regexp.test(path))?.kept === false;
}
