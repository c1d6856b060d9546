import { expect, it } from "vitest";
import { Secret } from "../secret.js";
import { brokerLoginAdvice } from "./brokerLogin.js";

const broker = (given: object) => ({ url: "mqtt://127.0.0.1:1883", rejectUnauthorized: true, ...given });
const password = new Secret("hunter2");

it.each([
  [
    "both in the file",
    { username: "rack-1", password },
    {},
    "correct broker.username in /etc/agent.yaml or broker.password in /etc/agent.yaml",
  ],
  [
    "a file of its own",
    { username: "rack-1", password, passwordFile: "/etc/password" },
    {},
    "correct broker.username in /etc/agent.yaml or the first line of /etc/password (broker.passwordFile in /etc/agent.yaml)",
  ],
  [
    "the environment",
    { username: "rack-1", password },
    { HASHWATT_AGENT_BROKER_USERNAME: "rack-1", HASHWATT_AGENT_BROKER_PASSWORD: "hunter2" },
    "correct HASHWATT_AGENT_BROKER_USERNAME or HASHWATT_AGENT_BROKER_PASSWORD",
  ],
  ["no user", { password }, {}, "set broker.username in /etc/agent.yaml, or HASHWATT_AGENT_BROKER_USERNAME"],
  [
    "no password",
    { username: "rack-1" },
    {},
    "set broker.password (or passwordFile) in /etc/agent.yaml, or HASHWATT_AGENT_BROKER_PASSWORD",
  ],
  [
    "neither",
    {},
    {},
    "it wants a user: set broker.username and broker.password (or passwordFile) in /etc/agent.yaml, or HASHWATT_AGENT_BROKER_USERNAME and HASHWATT_AGENT_BROKER_PASSWORD",
  ],
])("a broker's refusal is told with what to correct: %s", (_, given, env, advice) => {
  expect(brokerLoginAdvice("/etc/agent.yaml", broker(given), env)).toBe(advice);
});

it("where there is no file, it says how to give one", () => {
  expect(brokerLoginAdvice(undefined, broker({}), {})).toContain("in a file that --config names, or ");
});
