/** Streams with Amazon Transcribe over HTTP/2, by its own client. */
import {
  type AudioStream,
  StartCallAnalyticsStreamTranscriptionCommand,
  type StartCallAnalyticsStreamTranscriptionCommandInput,
  StartStreamTranscriptionCommand,
  type StartStreamTranscriptionCommandInput,
  TranscribeStreamingClient,
} from "@aws-sdk/client-transcribe-streaming";
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";
import { AwsDuplex, readAwsError } from "./aws-duplex.ts";
import type {
  TranscribeRequest,
  TranscribeStream,
  TranscribeStreamFactory,
  TranscribeStreamListener,
} from "./transcribe-stream.ts";

/** How the service is to listen; names of the service's own where they are names. */
export interface TranscribeSettings {
  /** A language, or several of which the service finds out. */
  readonly languages: readonly string[];
  readonly vocabulary?: string | undefined;
  readonly vocabularyFilter?: string | undefined;
  readonly vocabularyFilterMethod?: "mask" | "remove" | "tag" | undefined;
  readonly languageModel?: string | undefined;
  /** How soon words of a partial result stay as they are; `undefined`: they may all change until the end. */
  readonly partialStability?: "low" | "medium" | "high" | undefined;
  /** Personal data is replaced by its kind. */
  readonly redactsPii: boolean;
  /** Kinds of personal data; empty: all of them. */
  readonly piiTypes: readonly string[];
  /** How long the service takes a stream of the same session id for its continuation. */
  readonly resumeWindowMinutes?: number | undefined;
}

const RATE_HZ = 8000;
const NOTHING = new Uint8Array(0);

/** A factory for one model. The client looks for the machine's credentials when the first stream is opened. */
export function createTranscribeStreams(
  access: AwsAccess,
  settings: TranscribeSettings,
): TranscribeStreamFactory {
  const client = new TranscribeStreamingClient({
    ...awsClientOptions(access),
    // A failed stream cannot be sent again: what goes on is kept and sent over the next one.
    maxAttempts: 1,
    authSchemePreference: ["aws.auth#sigv4"],
  });
  return (request, listener) => openStream(client, settings, request, listener);
}

function openStream(
  client: TranscribeStreamingClient,
  settings: TranscribeSettings,
  request: TranscribeRequest,
  listener: TranscribeStreamListener,
): TranscribeStream {
  return new AwsDuplex<AudioStream, unknown>({
    listener: {
      onOpen: () => listener.onOpen(),
      onEvent: (event) => listener.onEvent(event),
      onEnded: () => listener.onEnded(),
      onError: (error) => {
        const { name, statusCode, systemCode } = readAwsError(error);
        listener.onError({ name, statusCode, systemCode });
      },
    },
    wrap: (bytes) => ({ AudioEvent: { AudioChunk: bytes } }),
    exchange: async (body, abortSignal, onStatus) => {
      const audio = framed(body, request);
      if (request.roles === undefined) {
        const command = new StartStreamTranscriptionCommand(plainInput(settings, request, audio));
        command.middlewareStack.add(
          (next) => async (args) => {
            const result = await next(args);
            onStatus(result.response);
            return result;
          },
          { step: "deserialize", priority: "low", name: "trunklineResponseHeaders" },
        );
        const { TranscriptResultStream } = await client.send(command, { abortSignal });
        return TranscriptResultStream;
      }
      const command = new StartCallAnalyticsStreamTranscriptionCommand(
        analyticsInput(settings, request, audio),
      );
      command.middlewareStack.add(
        (next) => async (args) => {
          const result = await next(args);
          onStatus(result.response);
          return result;
        },
        { step: "deserialize", priority: "low", name: "trunklineResponseHeaders" },
      );
      const answer = await client.send(command, { abortSignal });
      return answer.CallAnalyticsTranscriptResultStream;
    },
  });
}

/** Call Analytics is told who is who before any audio; an empty chunk is the end of it. */
async function* framed(
  body: AsyncIterable<AudioStream>,
  { roles }: TranscribeRequest,
): AsyncGenerator<AudioStream> {
  if (roles !== undefined) {
    const ChannelDefinitions = roles.map((role, ChannelId) => ({
      ChannelId,
      ParticipantRole: role === "customer" ? ("CUSTOMER" as const) : ("AGENT" as const),
    }));
    yield { ConfigurationEvent: { ChannelDefinitions } };
  }
  yield* body;
  yield { AudioEvent: { AudioChunk: NOTHING } };
}

type Shared = Omit<StartCallAnalyticsStreamTranscriptionCommandInput, "LanguageCode">;

/** What both ways of asking have in common. The service takes G.711 by its types, and not by its documentation. */
function sharedInput(
  settings: TranscribeSettings,
  { sessionId }: TranscribeRequest,
  audio: AsyncIterable<AudioStream>,
): Shared {
  const { languages, vocabulary, vocabularyFilter, partialStability, piiTypes } = settings;
  const isOne = languages.length === 1;
  return {
    MediaSampleRateHertz: RATE_HZ,
    MediaEncoding: "pcm",
    SessionId: sessionId,
    AudioStream: audio,
    ...(isOne ? {} : { IdentifyLanguage: true, LanguageOptions: languages.join(",") }),
    [isOne ? "VocabularyName" : "VocabularyNames"]: vocabulary,
    [isOne ? "VocabularyFilterName" : "VocabularyFilterNames"]: vocabularyFilter,
    VocabularyFilterMethod: settings.vocabularyFilterMethod,
    LanguageModelName: settings.languageModel,
    ...(partialStability === undefined
      ? {}
      : { EnablePartialResultsStabilization: true, PartialResultsStability: partialStability }),
    ...(settings.redactsPii ? { ContentRedactionType: "PII" } : {}),
    ...(piiTypes.length > 0 ? { PiiEntityTypes: piiTypes.join(",") } : {}),
  };
}

/** The language is checked by the service: the list of its types is older than what it takes. */
function plainInput(
  settings: TranscribeSettings,
  request: TranscribeRequest,
  audio: AsyncIterable<AudioStream>,
): StartStreamTranscriptionCommandInput {
  const { languages, resumeWindowMinutes } = settings;
  const input = {
    ...sharedInput(settings, request, audio),
    ...(languages.length === 1 ? { LanguageCode: languages[0] } : {}),
    ...(request.channels === 2 ? { EnableChannelIdentification: true, NumberOfChannels: 2 } : {}),
    ...(resumeWindowMinutes === undefined ? {} : { SessionResumeWindow: resumeWindowMinutes }),
  };
  return input as StartStreamTranscriptionCommandInput;
}

function analyticsInput(
  settings: TranscribeSettings,
  request: TranscribeRequest,
  audio: AsyncIterable<AudioStream>,
): StartCallAnalyticsStreamTranscriptionCommandInput {
  const { languages } = settings;
  const input = {
    ...sharedInput(settings, request, audio),
    ...(languages.length === 1 ? { LanguageCode: languages[0] } : {}),
  };
  return input as StartCallAnalyticsStreamTranscriptionCommandInput;
}
