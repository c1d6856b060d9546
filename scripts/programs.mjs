// The real programs that the suites run against, and the suites that need each of them.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Debian package → how to find its program, and why the tests want it. */
export const PROGRAMS = [
  {
    name: "mosquitto",
    package: "mosquitto",
    env: "MOSQUITTO_PATH",
    commands: ["mosquitto", "/usr/sbin/mosquitto"],
    suites: "everything that runs on a real MQTT broker (e2e, browser, chaos)",
  },
  {
    name: "mosquitto_sub",
    package: "mosquitto-clients",
    env: "MOSQUITTO_SUB_PATH",
    commands: ["mosquitto_sub"],
    suites: "the broker of docker-compose.yml (e2e)",
  },
  {
    name: "systemd-analyze",
    package: "systemd",
    env: "SYSTEMD_ANALYZE_PATH",
    commands: ["systemd-analyze"],
    suites: "the systemd units (contract)",
  },
  {
    name: "chromium",
    package: "chromium",
    env: "CHROMIUM_PATH",
    commands: ["chromium", "chromium-browser", "google-chrome"],
    suites: "the browser suite",
  },
  {
    name: "openssl",
    package: "openssl",
    env: "OPENSSL_PATH",
    commands: ["openssl"],
    suites: "MQTT over TLS (makes its certificates with it)",
  },
  {
    name: "influxd",
    package: "influxdb",
    env: "INFLUXD_PATH",
    commands: ["influxd", "/usr/sbin/influxd"],
    suites: "the InfluxDB store (contract) and every e2e and chaos run on it",
  },
  {
    name: "faketime",
    package: "faketime",
    env: "FAKETIME_PATH",
    commands: ["faketime"],
    suites: "clocks that jump by an hour (chaos)",
  },
  {
    name: "mkfs.ext4",
    package: "e2fsprogs",
    env: "MKFS_PATH",
    commands: ["mkfs.ext4", "/sbin/mkfs.ext4"],
    suites: "small disks that fill and fail (chaos; root alone may mount them)",
  },
  {
    name: "victoria-metrics",
    package: "victoria-metrics",
    env: "VICTORIA_METRICS_PATH",
    commands: ["victoria-metrics"],
    suites: "writes in the way of InfluxDB 2 (contract)",
  },
  {
    name: "prometheus",
    package: "prometheus",
    env: "PROMETHEUS_PATH",
    commands: ["prometheus"],
    suites: "a scrape of /metrics by Prometheus (contract)",
  },
  {
    name: "promtool",
    package: "prometheus",
    env: "PROMTOOL_PATH",
    commands: ["promtool"],
    suites: "what Prometheus' own checks say of /metrics, its example config and rules (contract)",
  },
  {
    name: "alertmanager",
    package: "prometheus-alertmanager",
    env: "ALERTMANAGER_PATH",
    commands: ["prometheus-alertmanager", "alertmanager"],
    suites: "alerts that a Prometheus Alertmanager takes, groups and ends (contract)",
  },
];

const executable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Path of a program, by its environment variable or the PATH; undefined where it is missing. */
export function findProgram(name) {
  const program = PROGRAMS.find((p) => p.name === name);
  const told = process.env[program.env];
  if (told) return executable(told) ? told : undefined;
  for (const command of program.commands) {
    if (command.startsWith("/")) {
      if (executable(command)) return command;
      continue;
    }
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      if (folder && executable(join(folder, command))) return join(folder, command);
    }
  }
  return undefined;
}

export const missingPrograms = () => PROGRAMS.filter((program) => !findProgram(program.name));
