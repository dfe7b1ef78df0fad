/** Audio that an operator has played into a call: a WAV file, or bare samples. */
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import { asCallId } from "../core/ids.ts";
import type { AudioReader } from "../ports/audio-reader.ts";
import { ERROR_BODY } from "./api-errors.ts";
import type { ApiApp } from "./app.ts";
import { CALL_PARAMS, CALL_TAGS, foundCall } from "./call-path.ts";
import { COMMAND_ANSWERS } from "./operator-routes.ts";
import type { ApiOptions } from "./options.ts";
import { refuseOtherMethods } from "./other-methods.ts";

/** Five minutes of a telephone's audio are less; of 48 kHz stereo it is a minute and a half. */
const MAX_BYTES = 16 * 1024 * 1024;
const PATH = "/calls/:id/inject";
const WAV = /^audio\/(?:x-|vnd\.)?wave?$/;
const PCM = "audio/pcm";
const BARE = "application/octet-stream";
const TYPES = /^(?:audio\/(?:pcm|(?:x-|vnd\.)?wave?)|application\/octet-stream)(?:;|$)/i;

const LAYOUT = z.object({
  rate: z.coerce
    .number()
    .refine((rate) => [8000, 16_000, 24_000, 48_000].includes(rate), {
      error: "expected 8000, 16000, 24000 or 48000",
    })
    .optional()
    .describe("Samples a second, of bare samples; or as a parameter of the content type."),
  channels: z.coerce.number().int().min(1).max(2).optional().describe("1 or 2; absent: 1."),
});

type Layout = z.infer<typeof LAYOUT>;

/** `POST /calls/ID/inject`, in a scope of its own: no other path takes audio. */
export function addInjectRoute(app: ApiApp, options: ApiOptions): void {
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(TYPES, { parseAs: "buffer" }, (_request, body, parsed) =>
      parsed(null, body),
    );
    addRoute(scope as unknown as ApiApp, options);
    done();
  });
  refuseOtherMethods(app, PATH, ["POST"]);
}

function addRoute(app: ApiApp, { directory, audioReader }: ApiOptions): void {
  app.post(
    PATH,
    {
      bodyLimit: MAX_BYTES,
      config: { role: "operate" },
      schema: {
        tags: CALL_TAGS,
        summary: "Plays audio to the caller, before anything the model says.",
        description: `The body is a WAV file (audio/wav) of 16-bit PCM or G.711, or bare 16-bit little-endian samples (audio/pcm;rate=16000, or application/octet-stream with ?rate=16000): 8, 16, 24 or 48 kHz, mono or stereo, at most ${MAX_BYTES >> 20} MiB and five minutes.`,
        params: CALL_PARAMS,
        querystring: LAYOUT,
        response: { ...COMMAND_ANSWERS, 413: ERROR_BODY, 415: ERROR_BODY },
      },
      // Nobody sends megabytes for a call that is not there.
      onRequest: async ({ params }) => {
        foundCall(directory.find(asCallId(params.id)));
      },
    },
    async ({ params, query, headers, body }, reply) => {
      const samples = await readBody(audioReader, headers["content-type"], query, body);
      if (samples.length === 0) {
        throw new GatewayError("API_BAD_REQUEST", { reason: "body: there is no audio in it" });
      }
      await foundCall(directory.operate(asCallId(params.id), { kind: "inject", samples }));
      void reply.code(202);
      return { callId: params.id };
    },
  );
}

async function readBody(
  reader: AudioReader,
  contentType: string | undefined,
  query: Layout,
  body: unknown,
): Promise<Int16Array> {
  const [type = "", ...parameters] = (contentType ?? "").toLowerCase().split(/\s*;\s*/);
  if (!(body instanceof Uint8Array)) {
    const reason = `send ${PCM};rate=…, ${BARE} with ?rate=…, or audio/wav`;
    throw new GatewayError("API_MEDIA_TYPE", { reason });
  }
  if (WAV.test(type)) {
    return await reader.readWav(body);
  }
  const named = type === PCM ? readParameters(parameters) : {};
  const { rate = query.rate, channels = query.channels ?? 1 } = named;
  if (rate === undefined) {
    const where = type === PCM ? "content-type" : "query";
    throw new GatewayError("API_BAD_REQUEST", { reason: `${where} rate: bare samples need one` });
  }
  return await reader.readPcm(body, { rateHz: rate, channels });
}

/** Throws API_BAD_REQUEST, naming the parameter. */
function readParameters(parameters: readonly string[]): Layout {
  const named = Object.fromEntries(parameters.map((text) => text.replaceAll('"', "").split("=")));
  const layout = LAYOUT.safeParse(named);
  if (!layout.success) {
    const [issue] = layout.error.issues;
    const reason = `content-type ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "wrong"}`;
    throw new GatewayError("API_BAD_REQUEST", { reason });
  }
  return layout.data;
}
