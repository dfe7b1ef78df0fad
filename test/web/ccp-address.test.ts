/** What an agent may type in for the contact control panel, and what comes of it. */
import { describe, expect, it } from "vitest";
import { checkSettings } from "../../web/src/ccp/ccp-address.ts";
import { readGatewaySettings, readStored } from "../../web/src/ccp/stored-settings.ts";

const ACME = "https://acme.my.connect.aws/ccp-v2";
const OLDER = "https://acme.awsapps.com/connect/ccp-v2";

describe("the address of a contact control panel", () => {
  it.each([
    ["acme", ACME],
    ["  ACME ", ACME],
    ["acme.my.connect.aws", ACME],
    ["https://acme.my.connect.aws", ACME],
    ["https://acme.my.connect.aws/ccp-v2/", ACME],
    ["https://acme.my.connect.aws/home", ACME],
    ["https://acme.my.connect.aws/agent-app-v2", ACME],
    ["https://acme.awsapps.com/connect/ccp-v2", OLDER],
    ["https://acme.awsapps.com/connect/login", OLDER],
    ["https://acme.awsapps.com/", OLDER],
  ])("is completed: %j", (url, expected) => {
    const checked = checkSettings({ url, region: "" }, undefined);
    expect(checked).toEqual({ ok: true, settings: { url: expected, region: undefined } });
  });

  it.each([
    ["", "Enter the name"],
    ["http://acme.my.connect.aws/ccp-v2", "https://"],
    ["javascript:alert(1)", "https://"],
    ["https://evil.example.com/ccp-v2", "no address of Amazon Connect"],
    ["https://acme.my.connect.aws.evil.example/ccp-v2", "no address of Amazon Connect"],
    ["https://acme.my.connect.aws@evil.example/ccp-v2", "no address of Amazon Connect"],
    ["https://user@acme.my.connect.aws/ccp-v2", "no address of Amazon Connect"],
    ["https://acme.my.connect.aws:8443/ccp-v2", "no address of Amazon Connect"],
    ["https://acme.my.connect.aws/other", "The panel is at /ccp-v2"],
    ["https://acme.awsapps.com/other", "The panel is at /connect/ccp-v2"],
    ["two words", "no address of Amazon Connect"],
  ])("is refused in plain words: %j", (url, why) => {
    const checked = checkSettings({ url, region: "" }, undefined);
    expect(checked).toMatchObject({ ok: false, field: "url", why: expect.stringContaining(why) });
  });

  it("may be any that the gateway is configured with, and no other one like it", () => {
    const known = { url: "http://127.0.0.1:9000/ccp-v2", region: undefined };
    expect(checkSettings({ url: known.url, region: "" }, known).ok).toBe(true);
    expect(checkSettings({ url: "http://127.0.0.1:9001/ccp-v2", region: "" }, known).ok).toBe(
      false,
    );
  });

  it("has a region that looks like one", () => {
    expect(checkSettings({ url: "acme", region: " EU-central-1" }, undefined)).toMatchObject({
      settings: { region: "eu-central-1" },
    });
    expect(checkSettings({ url: "acme", region: "Frankfurt" }, undefined)).toMatchObject({
      ok: false,
      field: "region",
    });
  });
});

describe("what a browser and the gateway remember of it", () => {
  it.each([
    [null, undefined],
    ["{", undefined],
    ['"off"', "off"],
    ['{"url":"acme","region":""}', { url: "acme", region: "" }],
    ['{"url":7}', undefined],
  ])("%j is read as %j", (text, expected) => {
    expect(readStored(text)).toEqual(expected);
  });

  it("takes of the gateway's settings what is there", () => {
    const body = { ccp: { url: ACME, region: null }, tokenOrigins: ["https://crm.example.com", 7] };
    expect(readGatewaySettings(body)).toEqual({
      ccp: { url: ACME, region: undefined },
      tokenOrigins: ["https://crm.example.com"],
    });
    expect(readGatewaySettings(null)).toEqual({ ccp: undefined, tokenOrigins: [] });
  });
});
