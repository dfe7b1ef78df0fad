/**
 * The agent card of A2A v1.0, at `/.well-known/agent-card.json`.
 *
 * Amazon Connect's contract does not ask for one: it is registered with address and key. The card is for people and for
 * other clients of A2A; which of its fields anybody reads is not verified.
 */
import { A2A_EXTENSION } from "./a2a-names.ts";

/** @param url where sessions are opened. */
export function agentCard(url: string, version: string): Readonly<Record<string, unknown>> {
  return {
    name: "Trunkline",
    description: "Puts a realtime speech model on a voice session of Amazon Connect.",
    version,
    supportedInterfaces: [{ url, protocolBinding: "JSONRPC", protocolVersion: "1.0" }],
    capabilities: {
      streaming: true,
      pushNotifications: false,
      extensions: [
        { uri: A2A_EXTENSION, description: "Voice sessions of Amazon Connect.", required: true },
      ],
    },
    securitySchemes: { apiKey: { httpAuthSecurityScheme: { scheme: "Bearer" } } },
    security: [{ apiKey: [] }],
    defaultInputModes: ["audio/lpcm"],
    defaultOutputModes: ["audio/lpcm"],
    skills: [
      {
        id: "conversation",
        name: "Conversation",
        description: "Speaks with a caller, and hands over to a person.",
        tags: ["voice"],
      },
    ],
  };
}
