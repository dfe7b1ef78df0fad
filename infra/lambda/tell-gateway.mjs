// A contact flow tells the gateway of a contact. Parameter "do" of the block: "announce" (default), the call comes by the public network and is known by
// the caller's number; "code", the same by keys that the flow presses; "listen", its audio in Kinesis Video Streams is listened to; "stream", a chat is followed.
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

const manager = new SecretsManagerClient({});
let token;

async function operatorToken() {
  const id = process.env.TOKEN_SECRET;
  token ??= manager.send(new GetSecretValueCommand({ SecretId: id })).then(
    ({ SecretString }) => SecretString,
    (error) => {
      token = undefined;
      throw error;
    },
  );
  return await token;
}

/** What the gateway is asked for a contact. */
export function requestFor({ ContactData, Parameters = {} }) {
  const { ContactId, InitialContactId, CustomerEndpoint, Attributes, MediaStreams } = ContactData;
  const audio = MediaStreams?.Customer?.Audio;
  if (Parameters.do === "listen") {
    const { StreamARN: streamArn, StartFragmentNumber: startFragmentNumber } = audio ?? {};
    const body = { contactId: ContactId, source: "kinesisVideo", streamArn, startFragmentNumber };
    return { path: "/assist/contacts", body };
  }
  if (Parameters.do === "stream") {
    return { path: "/assist/contacts", body: { contactId: ContactId, source: "chatStreaming" } };
  }
  const contact = {
    contactId: ContactId,
    initialContactId: InitialContactId ?? ContactId,
    attributes: Attributes ?? {},
  };
  const number = Parameters.do === "code" ? undefined : CustomerEndpoint?.Address;
  return { path: "/contacts", body: { ...contact, number } };
}

/** Answers flat strings, as flows take them: result is "ok" or "failed". Never throws, so that the flow goes on. */
export async function handler(event) {
  try {
    const { path, body } = requestFor(event.Details);
    const answer = await fetch(process.env.GATEWAY_URL + path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${await operatorToken()}`,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5000),
    });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      console.error("the gateway refused", answer.status, told.code ?? "");
      return { result: "failed", status: String(answer.status) };
    }
    return { result: "ok", code: String(told.code ?? "") };
  } catch (error) {
    console.error("the gateway was not reached", error.name);
    return { result: "failed", status: "0" };
  }
}
