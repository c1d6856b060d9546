import { describe, test } from "vitest";
import { holds } from "./seeded.js";
import { config } from "./surfaces/config.js";
import { http } from "./surfaces/http.js";
import { live } from "./surfaces/live.js";
import { mqtt } from "./surfaces/mqtt.js";

describe("what is hostile is counted and named, and what is taken is inside the bounds", () => {
  test("2,000 MQTT messages", () => holds(mqtt, 2_000));
  test("500 HTTP requests on sockets", () => holds(http, 500));
  test("500 WebSocket frames", () => holds(live, 500));
  test("300 config files", () => holds(config, 300));
});
