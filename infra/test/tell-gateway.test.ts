/** The function of contact flows, without AWS: what it asks of the gateway, and that the flow always goes on. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const SOURCE = readFileSync(new URL("../lambda/tell-gateway.mjs", import.meta.url), "utf8");

interface Asked {
  readonly url: string;
  readonly authorization: string;
  readonly body: unknown;
}

/** Runs the shipped text with a client of Secrets Manager and a `fetch` of the test's own. */
function load(answer: () => Response | Promise<Response>) {
  const asked: Asked[] = [];
  const text = SOURCE.replace(/^import .*$/m, "").replaceAll("export ", "");
  class SecretsManagerClient {
    send = async () => ({ SecretString: "the-operators-token" });
  }
  class GetSecretValueCommand {}
  const fetch = async (url: string, init: { headers: Record<string, string>; body: string }) => {
    const authorization = init.headers["authorization"] ?? "";
    asked.push({ url, authorization, body: JSON.parse(init.body) });
    return await answer();
  };
  const process = { env: { GATEWAY_URL: "http://gateway", TOKEN_SECRET: "arn" } };
  const console = { error: () => undefined };
  const names = ["SecretsManagerClient", "GetSecretValueCommand", "fetch", "process", "console"];
  const make = new Function(...names, `${text}\nreturn handler;`);
  const handler = make(SecretsManagerClient, GetSecretValueCommand, fetch, process, console) as (
    event: unknown,
  ) => Promise<Record<string, string>>;
  return { handler, asked };
}

function event(parameters: Record<string, string> = {}) {
  return {
    Name: "ContactFlowEvent",
    Details: {
      Parameters: parameters,
      ContactData: {
        ContactId: "4a573372-1f28-4e26-b97b-aaaaaaaaaaaa",
        CustomerEndpoint: { Address: "+12065550100", Type: "TELEPHONE_NUMBER" },
        Attributes: { tier: "gold" },
        MediaStreams: {
          Customer: { Audio: { StreamARN: "arn:aws:kinesisvideo:x", StartFragmentNumber: "913" } },
        },
      },
    },
  };
}

describe("the function of contact flows", () => {
  it("fits inline into a template", () => {
    expect(SOURCE.length).toBeLessThanOrEqual(4096);
  });

  it("announces a contact with its number and attributes", async () => {
    const { handler, asked } = load(() => Response.json({ code: "417293" }, { status: 201 }));
    expect(await handler(event())).toEqual({ result: "ok", code: "417293" });
    expect(asked).toEqual([
      {
        url: "http://gateway/contacts",
        authorization: "Bearer the-operators-token",
        body: {
          contactId: "4a573372-1f28-4e26-b97b-aaaaaaaaaaaa",
          initialContactId: "4a573372-1f28-4e26-b97b-aaaaaaaaaaaa",
          number: "+12065550100",
          attributes: { tier: "gold" },
        },
      },
    ]);
  });

  it("leaves the number out where the flow presses a code, and hands the code to the flow", async () => {
    const { handler, asked } = load(() => Response.json({ code: "41729354" }, { status: 201 }));
    expect(await handler(event({ do: "code" }))).toEqual({ result: "ok", code: "41729354" });
    expect(asked[0]?.body).not.toHaveProperty("number");
  });

  it("has the gateway listen to live audio, or follow a chat", async () => {
    const { handler, asked } = load(() => Response.json({}, { status: 201 }));
    await handler(event({ do: "listen" }));
    await handler(event({ do: "stream" }));
    expect(asked.map(({ url, body }) => [url, (body as { source: string }).source])).toEqual([
      ["http://gateway/assist/contacts", "kinesisVideo"],
      ["http://gateway/assist/contacts", "chatStreaming"],
    ]);
    expect(asked[0]?.body).toMatchObject({
      streamArn: "arn:aws:kinesisvideo:x",
      startFragmentNumber: "913",
    });
  });

  it("lets the flow go on when the gateway refuses or is away", async () => {
    const refused = load(() => Response.json({ code: "X" }, { status: 409 }));
    expect(await refused.handler(event())).toEqual({ result: "failed", status: "409" });
    const away = load(() => Promise.reject(new Error("away")));
    expect(await away.handler(event())).toEqual({ result: "failed", status: "0" });
  });
});
