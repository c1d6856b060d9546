// `npm run verify`: installs the real programs the tests run against, where it may, then runs the checks and every suite.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { missingPrograms } from "./programs.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

function run(command, args, env = {}) {
  console.log(`\n> ${[command, ...args].join(" ")}`);
  const done = spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

const missing = missingPrograms();
if (missing.length) {
  const packages = [...new Set(missing.map((program) => program.package))];
  const debian = existsSync("/etc/debian_version") && existsSync("/usr/bin/apt-get");
  if (debian && process.getuid?.() === 0) {
    console.log(`installing ${packages.join(", ")} from the distribution's packages; no service is started`);
    // RUNLEVEL=1 keeps the packages' own scripts from starting their services.
    const env = { RUNLEVEL: "1", DEBIAN_FRONTEND: "noninteractive" };
    run("apt-get", ["update", "-qq"], env);
    run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], env);
  } else {
    console.log(
      debian
        ? `to run every suite: sudo RUNLEVEL=1 apt-get install -y --no-install-recommends ${packages.join(" ")}`
        : `to run every suite, install ${packages.join(", ")} or set ${missing.map((p) => p.env).join(", ")}`,
    );
  }
}

run("npm", ["run", "-s", "check"]);
run("npm", ["test", "-s"]);
