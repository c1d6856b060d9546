// Holds what the lockfile may bring in: licences that are allowed, install scripts that are named, no foreign hosts.
// `--write` brings docs/dependencies.md up to date. Prints each breach with what to do; exit code 1 when there is one.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const LIST = "docs/dependencies.md";

/** Licences that the product may ship. */
const SHIPPED = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "MIT-0",
  "OFL-1.1",
  "Unlicense",
]);
/** Licences of tools that build and test it, and whose code is not in what is shipped. */
const TOOLS_ONLY = new Set(["CC-BY-4.0", "CC0-1.0", "MPL-2.0", "Python-2.0"]);
/** Packages that may run a script when they are installed, each with the reason. There is none. */
const INSTALL_SCRIPTS = new Map();

/** Whether an SPDX expression can be met by `allowed`: of `A OR B` one is enough, of `A AND B` all are needed. */
export function isAllowed(expression, allowed) {
  const bare = expression.replace(/[()]/g, " ").trim();
  return bare.split(/\s+OR\s+/).some((way) => way.split(/\s+AND\s+/).every((one) => allowed.has(one.trim())));
}

/** What is wrong with the packages of a lockfile, as sentences. */
export function breachesOf(lock) {
  const breaches = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (!path.includes("node_modules/") || entry.link) continue;
    const name = `${nameOf(path)}@${entry.version}`;
    const licence = typeof entry.license === "string" ? entry.license : undefined;
    if (licence === undefined) breaches.push(`${name}: states no licence; find it out or do without`);
    else if (!isAllowed(licence, SHIPPED) && !(entry.dev && isAllowed(licence, TOOLS_ONLY)))
      breaches.push(
        `${name}: licence ${licence} is not allowed${isAllowed(licence, TOOLS_ONLY) ? " in what is shipped" : ""}`,
      );
    if (entry.hasInstallScript && !INSTALL_SCRIPTS.has(nameOf(path)))
      breaches.push(`${name}: runs a script when it is installed; do without it or name it with its reason`);
    if (entry.resolved) breaches.push(`${name}: names a host (${entry.resolved}); take "resolved" out`);
    if (!entry.integrity && !entry.inBundle) breaches.push(`${name}: has no integrity hash`);
  }
  return breaches;
}

/** The page that lists what is installed, by licence. */
export function listOf(lock) {
  const byUse = { shipped: new Map(), tools: new Map() };
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (!path.includes("node_modules/") || entry.link) continue;
    const group = byUse[entry.dev ? "tools" : "shipped"];
    const licence = entry.license ?? "none stated";
    if (!group.has(licence)) group.set(licence, new Set());
    group.get(licence).add(nameOf(path));
  }
  const table = (group) =>
    [...group]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([licence, names]) => `| ${licence} | ${[...names].sort().join(", ")} |`)
      .join("\n");
  return `# Dependencies

Made from package-lock.json by \`node scripts/check-dependencies.mjs --write\`; \`npm run check\` holds it. A package runs no script when it is installed,
the lockfile names no host and has a hash of each.

\`npm audit\` compares them with the known advisories. It is no part of \`npm run check\`, since not every registry answers it, and it has not been run with
an answer yet: whether it is clean is not known. Run it before you expose a server.

## At run time, and optional parts for other platforms

| licence | packages |
| --- | --- |
${table(byUse.shipped)}

## To build and test, and what the dashboard's bundle is made of

| licence | packages |
| --- | --- |
${table(byUse.tools)}
`;
}

const nameOf = (path) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const page = join(root, LIST);
  const list = listOf(lock);
  const breaches = breachesOf(lock);
  if (process.argv.includes("--write")) writeFileSync(page, list);
  else if (readFileSync(page, "utf8") !== list)
    breaches.push(
      `${LIST}: is not what package-lock.json says; run node scripts/check-dependencies.mjs --write`,
    );
  for (const breach of breaches) console.error(breach);
  if (breaches.length) process.exitCode = 1;
}
