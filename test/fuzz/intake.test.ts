import { describe, test } from "vitest";
import { holds } from "./seeded.js";
import { config } from "./surfaces/config.js";
import { csv } from "./surfaces/csv.js";
import { http } from "./surfaces/http.js";
import { live } from "./surfaces/live.js";
import { mqtt } from "./surfaces/mqtt.js";
import { webhook } from "./surfaces/webhook.js";

describe("what is hostile is counted and named, and what is taken is inside the bounds", () => {
  test("20,000 MQTT messages", () => holds(mqtt));
  test("20,000 HTTP requests on sockets", () => holds(http));
  test("20,000 WebSocket frames", () => holds(live));
  test("20,000 config files", () => holds(config));
  test("20,000 registers as CSV", () => holds(csv));
  test("20,000 answers of a webhook's receiver on sockets", () => holds(webhook));
});
