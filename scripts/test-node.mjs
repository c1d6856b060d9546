// `npm run test:node22`, `npm run test:node24`: fetches another Node from the npm registry (argument: its major version) into a
// temporary folder and runs with it what depends on the version: the packed agent, and the golden runs, whose figures must hold
// on every one. Apart from the suites, since those need no registry.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const version = process.argv[2];
if (!/^\d+(\.\d+){0,2}$/.test(version ?? "")) {
  console.error("which Node? For example: node scripts/test-node.mjs 24");
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), "hashwatt-node-"));
const name = `node-${process.platform}-${process.arch}`;

function run(command, args, options) {
  const done = spawnSync(command, args, { stdio: "inherit", ...options });
  if (done.status === 0) return;
  rmSync(folder, { recursive: true, force: true });
  process.exit(done.status ?? 1);
}

run("npm", [
  "install",
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
  "--prefix",
  folder,
  `${name}@${version}`,
]);
const node = join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
run(node, ["--version"]);
run(node, ["--import", "./scripts/ts-register.mjs", "test/golden/run.ts"], { cwd: root });
run("npx", ["vitest", "run", "--project", "e2e", "test/e2e/packedAgent.test.ts"], {
  cwd: root,
  env: { ...process.env, HASHWATT_TEST_NODE: node },
});
rmSync(folder, { recursive: true, force: true });
