/** Bind failures in words an operator can act on. */
import { describe, expect, it } from "vitest";
import { bindFailureDetails } from "../../src/core/bind-failure.ts";

const TARGET = { host: "127.0.0.1", port: 80, setting: "sip" };

describe("bindFailureDetails", () => {
  it.each([
    ["EADDRINUSE", "sip.port"],
    ["EADDRNOTAVAIL", "sip.host"],
    ["EACCES", "sip.port"],
    ["ENOTFOUND", "sip.host"],
  ])("says for %s to change %s", (code, setting) => {
    const details = bindFailureDetails(Object.assign(new Error(), { code }), TARGET);
    expect(details).toMatchObject({ host: "127.0.0.1", port: 80, cause: code });
    expect(details.reason).toContain(setting);
  });

  it("points to the cause when it knows no better", () => {
    expect(bindFailureDetails(null, TARGET)).toMatchObject({
      cause: "unknown",
      reason: "see the cause",
    });
  });
});
