import { describe, test } from "vitest";
import { holds } from "./seeded.js";
import { mqtt } from "./surfaces/mqtt.js";

describe("hostile messages are counted and named, and what is taken is inside the bounds", () => {
  test("20,000 MQTT messages", () => holds(mqtt, 20_000));
});
