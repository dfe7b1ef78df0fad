/** What the Nova Sonic stand-in takes: the shapes of a client's events; unknown fields are refused as the service does. */
import { z } from "zod";

const ofPrompt = { promptName: z.string().min(1) };
const ofContent = { ...ofPrompt, contentName: z.string().min(1) };
const rate = z.union([z.literal(8000), z.literal(16_000), z.literal(24_000)]);
const plainText = z.strictObject({ mediaType: z.literal("text/plain") });

const lpcm = {
  mediaType: z.literal("audio/lpcm"),
  sampleRateHertz: rate,
  sampleSizeBits: z.literal(16),
  channelCount: z.literal(1),
  encoding: z.literal("base64"),
  audioType: z.literal("SPEECH"),
};

const sessionStart = z.strictObject({
  inferenceConfiguration: z.strictObject({
    maxTokens: z.number().int().positive(),
    topP: z.number().min(0).max(1),
    temperature: z.number().min(0).max(1),
  }),
  turnDetectionConfiguration: z
    .strictObject({ endpointingSensitivity: z.enum(["HIGH", "MEDIUM", "LOW"]) })
    .optional(),
});

const toolSpec = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  description: z.string().min(1),
  inputSchema: z.strictObject({ json: z.string() }),
});

const VOICES = (
  "matthew tiffany amy olivia lupe carlos ambre florian lennart tina beatrice lorenzo " +
  "carolina leo kiara arjun greta"
).split(" ");

const promptStart = z.strictObject({
  ...ofPrompt,
  textOutputConfiguration: plainText,
  audioOutputConfiguration: z.strictObject({ ...lpcm, voiceId: z.enum(VOICES) }),
  toolUseOutputConfiguration: z
    .strictObject({ mediaType: z.literal("application/json") })
    .optional(),
  toolConfiguration: z
    .strictObject({
      tools: z.array(z.strictObject({ toolSpec })).min(1),
      toolChoice: z.strictObject({ auto: z.strictObject({}) }),
    })
    .optional(),
});

const contentStart = z.discriminatedUnion("type", [
  z.strictObject({
    ...ofContent,
    type: z.literal("TEXT"),
    interactive: z.boolean(),
    role: z.enum(["SYSTEM", "USER", "ASSISTANT"]),
    textInputConfiguration: plainText,
  }),
  z.strictObject({
    ...ofContent,
    type: z.literal("AUDIO"),
    interactive: z.literal(true),
    role: z.literal("USER"),
    audioInputConfiguration: z.strictObject(lpcm),
  }),
  z.strictObject({
    ...ofContent,
    type: z.literal("TOOL"),
    interactive: z.literal(false),
    role: z.literal("TOOL"),
    toolResultInputConfiguration: z.strictObject({
      toolUseId: z.string(),
      type: z.literal("TEXT"),
      textInputConfiguration: plainText,
    }),
  }),
]);

const contentText = z.strictObject({ ...ofContent, content: z.string() });

/** One event, by its name. */
const events = z.union([
  z.strictObject({ sessionStart }),
  z.strictObject({ promptStart }),
  z.strictObject({ contentStart }),
  z.strictObject({ textInput: contentText }),
  z.strictObject({ audioInput: contentText }),
  z.strictObject({ toolResult: contentText }),
  z.strictObject({ contentEnd: z.strictObject(ofContent) }),
  z.strictObject({ promptEnd: z.strictObject(ofPrompt) }),
  z.strictObject({ sessionEnd: z.strictObject({}) }),
]);

/** The envelope of every event. */
export const clientEvent = z.strictObject({ event: events });

/** A client's event: an object with one field, its name. */
export type ClientEvent = z.output<typeof events>;
/** What opens a content. */
export type ClientContent = z.output<typeof contentStart>;
/** What opens the prompt. */
export type ClientPrompt = z.output<typeof promptStart>;
/** What opens the session. */
export type ClientSession = z.output<typeof sessionStart>;
