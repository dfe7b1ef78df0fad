/** What a recording client of ours sends: an offer with labels, and metadata in the way of a vendor. */
import { SIPREC_FORMS, type SiprecDialect } from "./siprec-dialects.ts";

/** The metadata of a demonstration, nobody real: the customer came first, on the left channel; the agent is on the right one. */
const RECORDED_PEOPLE = [
  { id: "customer", aor: "sip:customer@example.com", name: "Customer" },
  { id: "agent", aor: "sip:4001@example.com", name: "Agent" },
] as const;

const SESSION = "session";
const NAMESPACE = "urn:ietf:params:xml:ns:recording:1";

/** Headers of the INVITE beside the usual ones; with the id of the contact as Amazon Connect sends it. */
export function siprecHeaders(
  dialect: SiprecDialect,
  contactId: string | undefined,
): Readonly<Record<string, string>> {
  const { headers, boundary, quoted } = SIPREC_FORMS[dialect];
  const correlation = contactId === undefined ? {} : { "X-Amzn-ConnectContactId": contactId };
  const value = quoted === true ? `"${boundary}"` : boundary;
  const type = `multipart/mixed;boundary=${value}`;
  return { ...headers, ...correlation, "Content-Type": type, Require: "siprec" };
}

/** Both parts. */
export function siprecBody(dialect: SiprecDialect, sdp: string, metadata: string): string {
  const { boundary, colon = ": " } = SIPREC_FORMS[dialect];
  return [
    `--${boundary}`,
    `Content-Type${colon}application/sdp`,
    "",
    sdp.trimEnd(),
    `--${boundary}`,
    `Content-Type${colon}application/rs-metadata+xml`,
    `Content-Disposition${colon}recording-session`,
    "",
    metadata,
    `--${boundary}--`,
    "",
  ].join("\r\n");
}

/** An offer, each of its m-lines with the label of a person. */
export function labelled(dialect: SiprecDialect, sdp: string): string {
  const [head = "", ...sections] = sdp.split(/^(?=m=)/m);
  const { labels } = SIPREC_FORMS[dialect];
  return `${head}${sections.map((section, i) => `${section}a=label:${labels[i]}\r\n`).join("")}`;
}

/** RFC 7865 metadata. @param startedAt ISO 8601. */
export function siprecMetadata(dialect: SiprecDialect, startedAt: string): string {
  const { labels, base64Ids, prefix, inSession = "", atEnd = "" } = SIPREC_FORMS[dialect];
  const idOf = (name: string): string =>
    base64Ids === true ? Buffer.from(`trunkline/${name}`).toString("base64") : name;
  const session = idOf(SESSION);
  const people = RECORDED_PEOPLE.flatMap(({ id, aor, name }, index) => {
    const stream = idOf(`stream-${labels[index]}`);
    return [
      `<participant participant_id="${idOf(id)}"><nameID aor="${aor}"><name xml:lang="en">${name}</name></nameID></participant>`,
      `<stream stream_id="${stream}" session_id="${session}"><label>${labels[index]}</label></stream>`,
      `<participantsessionassoc participant_id="${idOf(id)}" session_id="${session}"><associate-time>${startedAt}</associate-time></participantsessionassoc>`,
      `<participantstreamassoc participant_id="${idOf(id)}"><send>${stream}</send></participantstreamassoc>`,
    ];
  });
  const namespace = prefix === undefined ? "xmlns" : `xmlns:${prefix.slice(0, -1)}`;
  const document = [
    `<recording ${namespace}="${NAMESPACE}"><datamode>complete</datamode>`,
    `<session session_id="${session}"><start-time>${startedAt}</start-time>${inSession}</session>`,
    ...people,
    `${atEnd}</recording>`,
  ].join("\r\n");
  const named =
    prefix === undefined ? document : document.replace(/<(\/?)([a-z])/gi, `<$1${prefix}$2`);
  return `<?xml version="1.0" encoding="UTF-8"?>\r\n${named}`;
}
