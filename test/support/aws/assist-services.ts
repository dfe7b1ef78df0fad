/** What agents are helped with, as a stand-in has it when it begins: a knowledge base, an index, a stream, and contacts to try. */
import type { AwsServiceStandIn } from "./aws-stand-in.ts";
import { BedrockAgentStandIn } from "./bedrock-agent-stand-in.ts";
import { ConnectStreamingStandIn } from "./connect-streaming.ts";
import { ContactLensStandIn } from "./contact-lens-stand-in.ts";
import { KendraStandIn, type StandInDocument } from "./kendra-stand-in.ts";
import { KinesisStandIn } from "./kinesis-stand-in.ts";

/** Of Amazon Connect, of the index and of the knowledge base. */
export const STAND_IN_IDS = {
  instance: "11111111-2222-4333-8444-555555555555",
  index: "66666666-7777-4888-8999-aaaaaaaaaaaa",
  knowledgeBase: "STANDIN001",
  stream: "arn:aws:kinesis:us-east-1:123456789012:stream/lens",
} as const;

const DOCUMENTS: readonly StandInDocument[] = [
  {
    title: "Refunds for pianos",
    uri: "https://kb.example.com/pianos",
    text: "A refund for a piano is paid within two days. Ask for the serial number.",
  },
];

/** Signing names `kendra`, `bedrock` and `kinesis`. */
export function assistServices(): readonly AwsServiceStandIn[] {
  return [
    new KendraStandIn(STAND_IN_IDS.index, DOCUMENTS),
    new BedrockAgentStandIn(STAND_IN_IDS.knowledgeBase, DOCUMENTS),
    new KinesisStandIn(STAND_IN_IDS.stream),
  ];
}

/** Parts of the service with the signing name `connect`: a chat `chat-1`, a call `call-1` with a segment. */
export function contactServices(): readonly AwsServiceStandIn[] {
  const streaming = new ConnectStreamingStandIn(STAND_IN_IDS.instance);
  streaming.contacts.set("chat-1", { channel: "CHAT" });
  streaming.contacts.set("call-1", { channel: "VOICE" });
  const lens = new ContactLensStandIn(STAND_IN_IDS.instance);
  lens.add("call-1", {
    Transcript: {
      Id: "t1",
      ParticipantId: "CUSTOMER",
      ParticipantRole: "CUSTOMER",
      Content: "I want a refund for my piano.",
      BeginOffsetMillis: 0,
      EndOffsetMillis: 2000,
      Sentiment: "NEGATIVE",
    },
  });
  return [streaming, lens];
}
