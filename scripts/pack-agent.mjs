// `npm run pack:agent`: makes `dist/hashwatt-agent-<version>.tgz`, an agent that `npm install -g` takes without a registry,
// a compiler or the rest of this repository. The same folder lies unpacked in `dist/hashwatt-agent`. `--out DIR` makes both
// there instead, `--checkout DIR` packs the agent of another checkout, `--minify` makes it half as large and hard to read. Expects
// the built agent; the same sources give the same bytes.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { rolldown } from "rolldown";
import { notices } from "./notices.mjs";

const here = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
  options: { out: { type: "string" }, checkout: { type: "string" }, minify: { type: "boolean" } },
});
const root = resolve(values.checkout ?? here);
const out = resolve(values.out ?? join(here, "dist"));
const folder = join(out, "hashwatt-agent");
const program = "bin/hashwatt-agent.mjs";

/** `notices`, whose problem ends this. */
function handedOn(moduleIds) {
  try {
    return notices(moduleIds);
  } catch (problem) {
    return fail(problem.message);
  }
}

/** Packages that others load if they are there, and do without. */
const OPTIONAL = new Set(["bufferutil", "utf-8-validate", "supports-color"]);

function fail(line) {
  console.error(`pack-agent: ${line}`);
  process.exit(1);
}

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

const entry = join(root, "agent/dist/main.js");
try {
  statSync(entry);
} catch {
  fail("the agent is not built; run `npm run pack:agent`, which builds it first");
}
rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, "bin"), { recursive: true });

const bundle = await rolldown({
  input: entry,
  platform: "node",
  cwd: root,
  checks: { pluginTimings: false },
  onLog(level, log) {
    if (level === "warn") fail(`the bundler says: ${log.message}`);
  },
});
const { output } = await bundle.write({
  file: join(folder, program),
  format: "esm",
  codeSplitting: false,
  minify: values.minify ?? false,
  comments: { annotation: false, jsdoc: false, legal: true },
});
await bundle.close();
const [chunk] = output;
if (output.length !== 1) fail(`the bundle is ${output.length} files instead of one`);
for (const name of [...chunk.imports, ...chunk.dynamicImports])
  if (!name.startsWith("node:")) fail(`the bundle would load ${name} from elsewhere`);
for (const [, name] of chunk.code.matchAll(/\b__require\("([^"]+)"\)/g))
  if (!isBuiltin(name) && !OPTIONAL.has(name)) fail(`the bundle would load ${name} from elsewhere`);
chmodSync(join(folder, program), 0o755);

const { version, license } = readJson(join(root, "agent/package.json"));
const { engines } = readJson(join(root, "package.json"));
writeFileSync(
  join(folder, "package.json"),
  `${JSON.stringify(
    {
      name: "hashwatt-agent",
      version,
      description: "Reads mining rigs on their own network and publishes what they say over MQTT",
      license,
      type: "module",
      bin: { "hashwatt-agent": program },
      engines,
    },
    undefined,
    2,
  )}\n`,
);
const { count, text } = handedOn(Object.keys(chunk.modules));
const ours = readFileSync(join(root, "NOTICE"), "utf8").split("\n\n");
writeFileSync(
  join(folder, "NOTICE"),
  `${ours
    .filter((paragraph) => !paragraph.startsWith("The dashboard"))
    .join("\n\n")
    .trim()}

${program} holds code of ${count} packages by others, under the licences below.

${"=".repeat(80)}

${text}
`,
);
for (const [from, to] of [
  [join(root, "LICENSE"), "LICENSE"],
  [join(here, "agent/README.md"), "README.md"],
  [join(here, "packaging/systemd/hashwatt-agent.service"), "hashwatt-agent.service"],
])
  copyFileSync(from, join(folder, to));

const packed = spawnSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", out], {
  cwd: folder,
  encoding: "utf8",
});
if (packed.status !== 0) fail(`npm pack failed: ${packed.stderr.trim()}`);
const tarball = join(out, `hashwatt-agent-${version}.tgz`);
const kB = (path) => `${Math.round(statSync(path).size / 1000)} kB`;
console.log(
  `${tarball}: ${kB(tarball)}; the program ${kB(join(folder, program))}, with code of ${count} packages by others`,
);
