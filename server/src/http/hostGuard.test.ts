import { hostname } from "node:os";
import { describe, expect, test } from "vitest";
import { HostGuard } from "./hostGuard.js";

describe("the host guard of a server that asks for a login", () => {
  const guard = new HostGuard(["farm.example"], true);

  test.each([
    "192.168.1.5:8080",
    "[fd00::5]:8080",
    "172.18.0.3",
    "localhost:8080",
    "farm.example",
    "FARM.example:8443",
    hostname(),
    `${hostname()}:8080`,
  ])("is called %s by its own people", (host) => {
    expect(guard.whyNot({ host })).toBeUndefined();
    expect(guard.whyNot({ host, origin: `http://${host}` })).toBeUndefined();
  });

  test.each([
    "evil.example",
    "192.168.1.5.evil.example",
    "1.2.3",
    "server:8080",
    "",
    "[::1",
    "a b",
    "192.168.1.5:80:80",
  ])("takes no request to %j, and says which key would change that", (host) => {
    expect(guard.whyNot({ host })).toContain("add the name to http.hosts (HASHWATT_SERVER_HTTP_HOSTS)");
  });

  test("lets a program with a token call it by any name, but not a page", () => {
    expect(guard.whyNot({ host: "server:8080" }, true)).toBeUndefined();
    expect(guard.whyNot({ host: "server:8080", origin: "http://evil.example" }, true)).toContain("Origin");
    expect(guard.whyNot({}, true)).toContain("Host");
  });

  test("takes a page of its own address alone: neither another port nor another name of the same machine", () => {
    for (const origin of ["http://192.168.1.5:3000", "http://192.168.1.5", "http://farm.example", "null"])
      expect(guard.whyNot({ host: "192.168.1.5:8080", origin })).toContain(
        "a proxy in front must pass Host on",
      );
    expect(guard.whyNot({ host: "farm.example", origin: "https://farm.example" })).toBeUndefined();
  });
});

describe("the host guard of a server without a login", () => {
  test.each(["192.168.1.5:8080", hostname(), "farm.example"])("takes no request to %s", (host) => {
    expect(new HostGuard([]).whyNot({ host })).toContain("is not this server");
  });
});
