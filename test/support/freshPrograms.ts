import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Before any test of a suite: the programs are those of the last `tsc -b`, whoever ran it. */
export function setup(): void {
  const script = fileURLToPath(new URL("../../scripts/bundle.mjs", import.meta.url));
  execFileSync(process.execPath, [script], { stdio: "inherit" });
}
