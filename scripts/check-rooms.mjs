// Holds the house rules that a linter does not know: who may import whom, where the clock and the environment are read,
// how long a file may be. Prints each breach with what to do; exit code 1 when there is one.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const MAX_LINES = 320;

/** Workspace → the workspaces it may import. `types` ones may be imported as types or from type-only modules. */
const ROOMS = {
  protocol: [],
  agent: ["protocol"],
  server: ["protocol"],
  dashboard: ["protocol"],
  simulator: [],
  test: ["protocol", "agent", "server", "dashboard", "simulator"],
};
/** Modules of protocol that load nothing but themselves, so a browser bundle may take their values. */
const BROWSER_SAFE = new Set([
  "@hashwatt/protocol/alertRules",
  "@hashwatt/protocol/channelKinds",
  "@hashwatt/protocol/live",
  "@hashwatt/protocol/units",
  "@hashwatt/protocol/zone",
]);
const CLOCKS = new Set(["protocol/src/time.ts", "simulator/src/time.ts", "dashboard/src/time.ts"]);
/** Pure rooms of a package, and the modules of the shell that they must not load. */
const PURE = [
  "server/src/rollup/",
  "server/src/economics/",
  "server/src/alerts/rules/",
  "server/src/streams/",
  "agent/src/dialects/",
  "agent/src/replies/",
  "simulator/src/speakers/",
];
const SHELL =
  /^(node:(net|fs|http|https|dgram|tls|child_process).*|mqtt|mqtt-packet|aedes|fastify|ws|@duckdb\/.*|@fastify\/.*)$/;

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (["node_modules", "dist", "fixtures"].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.(ts|tsx|mts|mjs)$/.test(entry.name)) yield path;
  }
}

const breaches = [];
for (const [room, allowed] of Object.entries(ROOMS)) {
  const manifest = JSON.parse(readFileSync(join(root, room, "package.json"), "utf8"));
  const declared = { ...manifest.dependencies, ...manifest.devDependencies };
  for (const name of Object.keys(declared)) {
    const sibling = name.match(/^@hashwatt\/(.+)$/)?.[1];
    if (sibling && !allowed.includes(sibling))
      breaches.push(`${room}/package.json: depends on ${name}, which ${room} may not import`);
  }
  for (const path of sources(join(root, room))) {
    const file = relative(root, path);
    const text = readFileSync(path, "utf8");
    const lines = text.split("\n").length;
    if (lines > MAX_LINES)
      breaches.push(`${file}: ${lines} lines; split what it does (at most ${MAX_LINES})`);
    for (const [, typeOnly, from] of text.matchAll(
      /^(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"/gms,
    )) {
      const sibling = from.match(/^@hashwatt\/([^/]+)/)?.[1];
      if (sibling && !allowed.includes(sibling))
        breaches.push(`${file}: imports ${from}; ${room} may not import it`);
      if (
        room === "dashboard" &&
        sibling &&
        !typeOnly &&
        !BROWSER_SAFE.has(from) &&
        !/\.test\.tsx?$/.test(file)
      )
        breaches.push(`${file}: imports values of ${from}; the dashboard takes types only`);
      if (/^(\.\.\/){2,}(agent|server|dashboard|simulator|protocol)\//.test(from) && room !== "test")
        breaches.push(`${file}: reaches into another package by path (${from})`);
      if (!/\.test\.tsx?$/.test(file) && PURE.some((p) => file.startsWith(p)) && SHELL.test(from))
        breaches.push(`${file}: a pure room imports ${from}`);
    }
    if (room === "test" || /\.test\.tsx?$/.test(file) || !file.includes("/src/")) continue;
    // Comments may name what code must not call.
    const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
    if (!CLOCKS.has(file)) {
      const clock = code.match(
        /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bset(?:Timeout|Interval|Immediate)\(|\bprocess\.hrtime|AbortSignal\.timeout/,
      );
      if (clock)
        breaches.push(`${file}: ${clock[0]}…; take a Clock (only ${[...CLOCKS].join(", ")} read it)`);
    }
    if (/AbortSignal\.any\(/.test(code))
      breaches.push(`${file}: AbortSignal.any leaks in a loop; use clock.deadline`);
    if (/\bprocess\.env\b/.test(code) && !/config(\/[^/]+)?\.ts$/.test(file))
      breaches.push(`${file}: reads process.env; only config.ts does`);
    if (/\bimport\.meta\.env\b/.test(code) && room !== "dashboard") breaches.push(`${file}: import.meta.env`);
  }
}

for (const breach of breaches) console.error(breach);
if (breaches.length) {
  console.error(`${breaches.length} breaches of the house rules (CONTRIBUTING.md)`);
  process.exit(1);
}
