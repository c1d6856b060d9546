import { chmodSync, chownSync, cpSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Program, type ProgramOptions, root, startProgram } from "./program.js";
import { programs } from "./programs.js";

const isRoot = process.getuid?.() === 0;
/** The number of "nobody": as root mosquitto would change to a user of its own, which a container does not let it. */
const NOBODY = 65_534;

/** How the broker's own script is run here. */
export interface PackagedMosquitto {
  command: string;
  options: ProgramOptions & { env: Record<string, string> };
}

/**
 * `packaging/mosquitto/start.sh` with the distribution's mosquitto: from a copy in `folder`, as compose mounts it, on a port of
 * 127.0.0.1, as nobody. `env` is its service's.
 */
export function packagedMosquitto(
  folder: string,
  port: number,
  env: Readonly<Record<string, string>>,
): PackagedMosquitto {
  if (!programs.mosquitto || !programs.mosquittoSub)
    throw new Error("mosquitto is not installed: apt-get install mosquitto mosquitto-clients");
  const run = join(folder, "run");
  mkdirSync(run, { mode: 0o700, recursive: true });
  chmodSync(folder, 0o755);
  cpSync(join(root, "packaging/mosquitto"), join(folder, "mounted"), { recursive: true });
  if (isRoot) chownSync(run, NOBODY, NOBODY);
  const folders = [programs.mosquitto, programs.mosquittoSub].map((path) => dirname(path));
  return {
    command: join(folder, "mounted/start.sh"),
    options: {
      cwd: folder,
      bare: true,
      env: {
        ...env,
        PATH: [...folders, "/usr/bin", "/bin"].join(":"),
        MQTT_RUN_DIR: run,
        MQTT_ADDRESS: "127.0.0.1",
        MQTT_PORT: `${port}`,
        XDG_CONFIG_HOME: run,
      },
      ...(isRoot && { uid: NOBODY, gid: NOBODY }),
    },
  };
}

/** Starts it and waits until it listens. */
export async function startPackagedMosquitto(
  folder: string,
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<Program> {
  const { command, options } = packagedMosquitto(folder, port, env);
  const broker = startProgram(command, [], options);
  await broker.waitFor(/mosquitto version .* running/, 10_000);
  return broker;
}
