import { describe, test } from "vitest";
import { holds } from "./seeded.js";
import { config } from "./surfaces/config.js";
import { http } from "./surfaces/http.js";
import { live } from "./surfaces/live.js";
import { mqtt } from "./surfaces/mqtt.js";

describe("what is hostile is counted and named, and what is taken is inside the bounds", () => {
  test("6,000 MQTT messages", () => holds(mqtt, 6_000));
  test("2,000 HTTP requests on sockets", () => holds(http, 2_000));
  test("2,000 WebSocket frames", () => holds(live, 2_000));
  test("1,000 config files", () => holds(config, 1_000));
});
