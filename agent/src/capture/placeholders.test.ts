import { describe, expect, it } from "vitest";
import { Placeholders } from "./placeholders.js";

function cleaned(...texts: string[]): { texts: string[]; summary: string } {
  const placeholders = new Placeholders();
  for (const text of texts) placeholders.notice(text);
  return { texts: texts.map((text) => placeholders.clean(text)), summary: placeholders.summary() };
}

describe("what is personal in a rig's answers", () => {
  it("is replaced, the same by the same in all of them, and told", () => {
    const { texts, summary } = cleaned(
      '{"User":"acme.rig7","URL":"stratum+tcp://acme:secret@pool.example:3333"},{"User":"acme.rig8"}',
      '{"macaddr":"A0:B7:65:0A:0B:0C","hostname":"shed-3","ipaddress":"10.1.2.3","gateway":"10.1.2.1","serinum":"SN99ABC01"}',
      "STATUS=S|POOL=0,User=acme.rig7|MM ID0=Ver[15-194] DNA[0201000f1234] |",
      '{"wifiPass":"hunter22","token":"abcdef"}',
    );
    expect(texts).toEqual([
      '{"User":"account1.worker1","URL":"stratum+tcp://pool.example:3333"},{"User":"account1.worker2"}',
      '{"macaddr":"02:00:00:00:00:01","hostname":"name1","ipaddress":"192.0.2.1","gateway":"192.0.2.2","serinum":"EXAMPLE10"}',
      expect.stringMatching(
        /^STATUS=S\|POOL=0,User=account1\.worker1\|MM ID0=Ver\[15-194\] DNA\[EXAMPLE2\w*\] \|$/,
      ),
      '{"wifiPass":"x","token":"x"}',
    ]);
    expect(summary).toBe(
      "2 accounts, 1 host or network name, 2 serial numbers, 1 MAC address, 2 network addresses, 2 passwords and tokens",
    );
  });

  it("leaves versions, models, numbers and the names that all rigs have", () => {
    const text =
      '{"Type":"Antminer S19","hostname":"Antminer","Miner":"49.0.1.3","version":"2025.4.8.220305","freq":525,"User":"","worker":12}';
    expect(cleaned(text)).toEqual({ texts: [text], summary: "" });
  });

  it("is replaced whatever firmware calls it, however long it is, and in a text inside a text", () => {
    const jwt = `eyJ${"hbGciOi".repeat(120)}.sig`;
    const { texts } = cleaned(
      `{"access_token":"${jwt}","stratumPassword":"hunter22","wifi_password":"hunter23","pool1_user":"acme.rig7","worker_name":"acme.rig8","walletAddress":"bc1qexampleexample"}`,
      `{"raw":"{\\"user\\":\\"acme.rig7\\",\\"pass\\":\\"hunter24\\",\\"token\\":\\"abc\\"}"}`,
      `{"ip":"203.0.113.7","ipv6":"fe80::5054:ff:fe12:3456","link":"2001:db8:1:2:3:4:5:6","lo":"::1","at":"12:34:56","gateway":"dhcp"}`,
      `{"mac":"A0:B7:65:0A:0B:0C","id":"rig-a0b7650a0b0c","topic":"miner/A0B7650A0B0C/state"}`,
    );
    expect(texts).toEqual([
      '{"access_token":"x","stratumPassword":"x","wifi_password":"x","pool1_user":"account1.worker1","worker_name":"account1.worker2","walletAddress":"account2"}',
      '{"raw":"{\\"user\\":\\"account1.worker1\\",\\"pass\\":\\"x\\",\\"token\\":\\"x\\"}"}',
      '{"ip":"192.0.2.1","ipv6":"2001:db8::2","link":"2001:db8::3","lo":"::1","at":"12:34:56","gateway":"dhcp"}',
      '{"mac":"02:00:00:00:00:01","id":"rig-020000000001","topic":"miner/020000000001/state"}',
    ]);
  });

  it("changes no measurement for a password that looks like one", () => {
    const { texts } = cleaned('{"pass":"123","fan":"123","passwd":"450"}', "Pass=123,Fan=123|Freq=450");
    expect(texts).toEqual(['{"pass":"x","fan":"123","passwd":"x"}', "Pass=x,Fan=123|Freq=450"]);
  });

  it("keeps the form of a MAC address, and takes no account for a part of something else", () => {
    const { texts } = cleaned(
      '{"MAC":"a0b7650a0b0c","user":"btc","Msg":"btc miner","mac2":"A0-B7-65-0A-0B-0D"}',
    );
    expect(texts[0]).toBe(
      '{"MAC":"020000000001","user":"account1","Msg":"btc miner","mac2":"02-00-00-00-00-02"}',
    );
  });

  it("keeps a name that is the model's", () => {
    const placeholders = new Placeholders();
    placeholders.keep(["Elphapex DG1+"]);
    const text = '{"minertype":"DG1+","hostname":"DG1+"}';
    placeholders.notice(text);
    expect(placeholders.clean(text)).toBe(text);
  });

  it("is replaced however many names a rig makes up: looking through its answers for one after the other would take minutes", () => {
    const rigs = 6_000;
    const row = (account: string, name: string, serial: string) =>
      `{"user":"${account}","hostname":"${name}","serial":"${serial}"}`;
    const text = Array.from({ length: rigs }, (_, i) => row(`acme${i}.rig${i}`, `shed-${i}`, `SN${i}AAAA`));
    const { texts } = cleaned(text.join());
    expect(texts[0]!.length).toBeGreaterThan(50 * rigs);
    expect(/acme|rig\d|shed|SN\d/.exec(texts[0]!)).toBeNull();
    expect(texts[0]!.slice(-80)).toContain(`"account${rigs}.worker${rigs}","hostname":"name${rigs}"`);
  });

  it("is replaced where it is long, as a token in a query or a path, and with all that is in it", () => {
    const token = `${"a1.".repeat(40)}z`;
    const { texts } = cleaned(
      `{"token":"${token}","user":"acme.rig7"}`,
      `GET /a/${token}/b?token=${token}&x=1 Bearer ${token} of acme.rig7 in acme.rig71`,
    );
    expect(texts[1]).toBe("GET /a/x/b?token=x&x=1 Bearer x of account1.worker1 in acme.rig71");
  });
});
