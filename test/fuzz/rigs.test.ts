import { describe, test } from "vitest";
import { holds } from "./seeded.js";
import { rigReply } from "./surfaces/rigReply.js";
import { rigSocket } from "./surfaces/rigSocket.js";
import { webReply } from "./surfaces/webReply.js";

describe("hostile rigs are read inside the bounds or refused by name, and end nothing", () => {
  test("2,000 replies of the cgminer API", () => holds(rigReply, 2_000));
  test("2,000 answers of web interfaces, logins and the WhatsMiner API 3", () => holds(webReply, 2_000));
  test("100 readings on sockets, over which rigs drip, never end, reset, lie about lengths and answer something else", () =>
    holds(rigSocket, 100));
});
