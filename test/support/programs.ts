import { findProgram } from "../../scripts/programs.mjs";

/** Paths of the real programs that suites run against; undefined where one is missing. */
export const programs = {
  mosquitto: findProgram("mosquitto"),
  mosquittoSub: findProgram("mosquitto_sub"),
  systemdAnalyze: findProgram("systemd-analyze"),
  chromium: findProgram("chromium"),
  openssl: findProgram("openssl"),
  influxd: findProgram("influxd"),
  victoriaMetrics: findProgram("victoria-metrics"),
  prometheus: findProgram("prometheus"),
  promtool: findProgram("promtool"),
  alertmanager: findProgram("alertmanager"),
};
