/** Where a contact control panel of Amazon Connect is: what an agent types in, checked and completed. */

/** Which panel the page shows. */
export interface CcpSettings {
  /** Of its page. */
  readonly url: string;
  /** AWS region of the instance; `undefined`: chats may not work in the panel. */
  readonly region: string | undefined;
}

/** Settings, or what is wrong with which field, in plain words. */
export type CheckedSettings =
  | { readonly ok: true; readonly settings: CcpSettings }
  | { readonly ok: false; readonly field: "url" | "region"; readonly why: string };

/** What was typed in. */
export interface TypedSettings {
  readonly url: string;
  readonly region: string;
}

const ALIAS = /^[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?$/i;
const CONNECT_HOST = /^[a-z0-9-]+\.my\.connect\.aws$/;
const OLDER_HOST = /^[a-z0-9-]+\.awsapps\.com$/;
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;
const CCP_PATH = /^(?:\/connect)?\/ccp-v2\/?$/;
/** Pages of an instance that people copy out of their address bar. */
const OTHER_PATH = /^\/(?:connect\/?)?(?:home|login|agent-app-v2|ccp|agentdesktop)?\/?$/;

/**
 * The alias alone is completed, and another page of the instance is led to its panel. Only hosts of Amazon Connect are
 * taken, beside the one of `known`, which the gateway is configured with: what is framed is believed.
 */
export function checkSettings(
  { url, region }: TypedSettings,
  known: CcpSettings | undefined,
): CheckedSettings {
  const text = url.trim();
  if (text === "") {
    return { ok: false, field: "url", why: "Enter the name of your instance, or its address." };
  }
  const place = region.trim().toLowerCase();
  if (place !== "" && !REGION.test(place)) {
    return { ok: false, field: "region", why: "A region looks like us-east-1." };
  }
  const wanted = text === known?.url ? text : addressOf(text);
  return wanted === undefined || typeof wanted === "object"
    ? { ok: false, field: "url", why: wanted?.why ?? UNKNOWN }
    : { ok: true, settings: { url: wanted, region: place === "" ? undefined : place } };
}

const UNKNOWN =
  "This is no address of Amazon Connect: it looks like https://NAME.my.connect.aws/ccp-v2.";

function addressOf(text: string): string | { readonly why: string } | undefined {
  if (ALIAS.test(text)) {
    return `https://${text.toLowerCase()}.my.connect.aws/ccp-v2`;
  }
  const full = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined) {
    return undefined;
  }
  if (url.protocol !== "https:") {
    return { why: "The address begins with https://." };
  }
  const isOlder = OLDER_HOST.test(url.hostname);
  if ((!isOlder && !CONNECT_HOST.test(url.hostname)) || url.port !== "" || url.username !== "") {
    return undefined;
  }
  if (!CCP_PATH.test(url.pathname) && !OTHER_PATH.test(url.pathname)) {
    return { why: `The panel is at ${isOlder ? "/connect/ccp-v2" : "/ccp-v2"} of the instance.` };
  }
  return `${url.origin}${isOlder ? "/connect" : ""}/ccp-v2`;
}
