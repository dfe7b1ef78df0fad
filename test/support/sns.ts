/** Amazon SNS as far as a receiver sees it: signed messages, and the certificate they point to. */
import { sign } from "node:crypto";
import { type SnsMessage, signedTextOf } from "../../src/assist/sns-message.ts";
import type { TextFetcher } from "../../src/ports/text-fetcher.ts";
import { type SelfSigned, selfSigned } from "./self-signed.ts";
import { VirtualClock } from "./virtual-clock.ts";

export const TOPIC = "arn:aws:sns:eu-central-1:123456789012:chats";
export const SNS_HOST = "sns.eu-central-1.amazonaws.com";
export const CERTIFICATE_URL = `https://${SNS_HOST}/SimpleNotificationService-0123abcd.pem`;

const DAY_MS = 86_400_000;

/** Keys take long to make. */
const pairs = new Map<string, SelfSigned>();

/** Remembers which addresses were asked for. */
export class FakeSns {
  readonly fetched: string[] = [];
  readonly #pair: SelfSigned;
  readonly #nowMs: number;
  /** What the certificate's address answers. */
  status = 200;

  /** @param name two of the same name have the same key. */
  constructor(
    name = "amazon",
    nowMs: number = VirtualClock.WALL_ORIGIN_MS,
    keyKind: "rsa" | "ec" = "rsa",
  ) {
    this.#nowMs = nowMs;
    const names = ["sns.amazonaws.com"];
    const [notBeforeMs, notAfterMs] = [nowMs - DAY_MS, nowMs + DAY_MS];
    this.#pair = pairs.get(name) ?? selfSigned({ names, notBeforeMs, notAfterMs, keyKind });
    pairs.set(name, this.#pair);
  }

  readonly fetchText: TextFetcher = async (url) => {
    this.fetched.push(url);
    return { status: this.status, text: url === CERTIFICATE_URL ? this.#pair.cert : "<ok/>" };
  };

  /** The body of a notification; `changes` are made before it is signed. */
  notification(message: unknown, changes: Readonly<Record<string, unknown>> = {}): string {
    return this.signed({ Type: "Notification", Message: JSON.stringify(message), ...changes });
  }

  confirmation(changes: Readonly<Record<string, unknown>> = {}): string {
    const SubscribeURL = `https://${SNS_HOST}/?Action=ConfirmSubscription&Token=t`;
    const Message = "You have chosen to subscribe.";
    return this.signed({
      Type: "SubscriptionConfirmation",
      Message,
      Token: "t",
      SubscribeURL,
      ...changes,
    });
  }

  signed(fields: Readonly<Record<string, unknown>>): string {
    const message = {
      MessageId: "m1",
      TopicArn: TOPIC,
      Timestamp: new Date(this.#nowMs).toISOString(),
      SignatureVersion: "1",
      SigningCertURL: CERTIFICATE_URL,
      UnsubscribeURL: `https://${SNS_HOST}/?Action=Unsubscribe`,
      ...fields,
    };
    const digest = message.SignatureVersion === "1" ? "sha1" : "sha256";
    const text = signedTextOf({ ...message, Signature: "" } as unknown as SnsMessage);
    const Signature = sign(digest, Buffer.from(text), this.#pair.key).toString("base64");
    return JSON.stringify({ ...message, Signature });
  }
}

/** What Amazon Connect streams of a chat. */
export function chatMessage(content: string, changes: Readonly<Record<string, unknown>> = {}) {
  return {
    AbsoluteTime: "2026-01-01T00:00:00.000Z",
    Content: content,
    ContentType: "text/plain",
    Id: "i1",
    Type: "MESSAGE",
    ParticipantId: "p1",
    DisplayName: "Customer",
    ParticipantRole: "CUSTOMER",
    InitialContactId: "c1",
    ContactId: "c1",
    ...changes,
  };
}
