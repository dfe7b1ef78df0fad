/** Segments and records as Contact Lens writes them. */

/** Something final that somebody said. */
export function lensTranscript(
  id: string,
  text: string,
  { role = "CUSTOMER", atMs = 0, sentiment = "NEUTRAL" } = {},
): object {
  return {
    Transcript: {
      Id: id,
      ParticipantId: role,
      ParticipantRole: role,
      Content: text,
      BeginOffsetMillis: atMs,
      EndOffsetMillis: atMs + 1000,
      Sentiment: sentiment,
      IssuesDetected: [],
    },
  };
}

/** A first version of it. */
export function lensUtterance(transcriptId: string, text: string, atMs = 0): object {
  return {
    Utterance: {
      Id: `${transcriptId}-partial`,
      TranscriptId: transcriptId,
      ParticipantId: "CUSTOMER",
      ParticipantRole: "CUSTOMER",
      PartialContent: text,
      BeginOffsetMillis: atMs,
      EndOffsetMillis: atMs + 500,
    },
  };
}

/** A record of the stream of an instance. */
export function lensRecord(
  instanceId: string,
  contactId: string,
  EventType: string,
  ...Segments: readonly object[]
): object {
  return {
    Version: "1.0.0",
    Channel: "VOICE",
    AccountId: "123456789012",
    ContactId: contactId,
    InstanceId: instanceId,
    LanguageCode: "en-US",
    EventType,
    Segments,
  };
}
