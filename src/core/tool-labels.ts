/** The closed sets of label values of tools and transfers. */

/** What a tool of a model is; `unknown`: the flow has none of that name. */
export const TOOL_KINDS = [
  "hangUp",
  "sendDtmf",
  "transfer",
  "setAttribute",
  "webhook",
  "unknown",
] as const;

/** Why a webhook gave no answer that a model could be told. */
export const WEBHOOK_FAILURES = [
  "hostRefused",
  "addressRefused",
  "plainHttp",
  "unreachable",
  "tls",
  "redirect",
  "status",
  "notText",
  "tooBig",
  "timedOut",
] as const;

/** What became of a tool call. */
export const TOOL_OUTCOMES = [
  "done",
  "badArguments",
  "refused",
  "failed",
  "busy",
  "repeated",
  "callEnded",
  ...WEBHOOK_FAILURES,
] as const;

/** What became of a transfer. */
export const TRANSFER_OUTCOMES = [
  "done",
  "notAllowed",
  "refused",
  "failed",
  "noOutcome",
  "busy",
  "callEnded",
] as const;
