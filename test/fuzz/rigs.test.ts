import { describe, test } from "vitest";
import { holds, holdsFor } from "./seeded.js";
import { rigFrames } from "./surfaces/rigFrames.js";
import { rigHttp } from "./surfaces/rigHttp.js";
import { rigReply } from "./surfaces/rigReply.js";
import { rigSocket } from "./surfaces/rigSocket.js";
import { webReply } from "./surfaces/webReply.js";

describe("hostile rigs are read inside the bounds or refused by name, and end nothing", () => {
  test("20,000 replies of the cgminer API", () => holds(rigReply));
  test("20,000 answers of web interfaces, logins and the WhatsMiner API 3", () => holds(webReply));
  test("as many readings on sockets as fit into ten seconds, over which rigs drip, never end, reset, lie about lengths and answer something else", () =>
    holdsFor(rigSocket, 10_000, 50));
  test("and six seconds each over HTTP and in frames, with logins without an end, chunks and lengths that lie", async () => {
    await holdsFor(rigHttp, 6_000, 50);
    await holdsFor(rigFrames, 6_000, 50);
  });
});
