/** What a recording client of ours sends: an offer with labels, and metadata in the way of a vendor. */

/** Whose way. */
export const SIPREC_DIALECTS = ["generic", "cisco"] as const;

/** One of {@link SIPREC_DIALECTS}. */
export type SiprecDialect = (typeof SIPREC_DIALECTS)[number];

/** One person who is recorded; the metadata of a demonstration, nobody real. */
export interface RecordedPerson {
  readonly id: string;
  readonly aor: string;
  readonly name: string;
  /** Label of the stream that they send. */
  readonly label: string;
}

/** The customer came first; the left channel is theirs, the right one the agent's. */
export const RECORDED_PEOPLE: readonly RecordedPerson[] = [
  { id: "customer", aor: "sip:customer@example.com", name: "Customer", label: "1" },
  { id: "agent", aor: "sip:4001@example.com", name: "Agent", label: "2" },
];

const BOUNDARY = "trunkline-siprec";
const SESSION = "session";
const NAMESPACE = "urn:ietf:params:xml:ns:recording:1";

const DIALECT_HEADERS: Readonly<Record<SiprecDialect, Readonly<Record<string, string>>>> = {
  generic: {},
  cisco: {
    "User-Agent": "Cisco-SIPGateway/IOS-16.12",
    "Cisco-Guid": "2815439359-1300000001-2147483650-3232235777",
  },
};

/** Headers of the INVITE beside the usual ones; with the id of the contact as Amazon Connect sends it. */
export function siprecHeaders(
  dialect: SiprecDialect,
  contactId: string | undefined,
): Readonly<Record<string, string>> {
  const correlation = contactId === undefined ? {} : { "X-Amzn-ConnectContactId": contactId };
  const always = { "Content-Type": SIPREC_TYPE, Require: "siprec" };
  return { ...DIALECT_HEADERS[dialect], ...correlation, ...always };
}

/** The Content-Type of {@link siprecBody}. */
export const SIPREC_TYPE = `multipart/mixed;boundary=${BOUNDARY}`;

/** Both parts. */
export function siprecBody(sdp: string, metadata: string): string {
  return [
    `--${BOUNDARY}`,
    "Content-Type: application/sdp",
    "",
    sdp.trimEnd(),
    `--${BOUNDARY}`,
    "Content-Type: application/rs-metadata+xml",
    "Content-Disposition: recording-session",
    "",
    metadata,
    `--${BOUNDARY}--`,
    "",
  ].join("\r\n");
}

/** An offer, each of its m-lines with the label of a person. */
export function labelled(sdp: string): string {
  const [head = "", ...sections] = sdp.split(/^(?=m=)/m);
  const labels = RECORDED_PEOPLE.map(({ label }) => label);
  return `${head}${sections.map((section, i) => `${section}a=label:${labels[i]}\r\n`).join("")}`;
}

/** RFC 7865 metadata; Cisco's ids are base64. @param startedAt ISO 8601. */
export function siprecMetadata(dialect: SiprecDialect, startedAt: string): string {
  const idOf = (name: string): string =>
    dialect === "cisco" ? Buffer.from(`trunkline/${name}`).toString("base64") : name;
  const session = idOf(SESSION);
  const people = RECORDED_PEOPLE.flatMap(({ id, aor, name, label }) => [
    `<participant participant_id="${idOf(id)}"><nameID aor="${aor}"><name xml:lang="en">${name}</name></nameID></participant>`,
    `<stream stream_id="${idOf(`stream-${label}`)}" session_id="${session}"><label>${label}</label></stream>`,
    `<participantsessionassoc participant_id="${idOf(id)}" session_id="${session}"><associate-time>${startedAt}</associate-time></participantsessionassoc>`,
    `<participantstreamassoc participant_id="${idOf(id)}"><send>${idOf(`stream-${label}`)}</send></participantstreamassoc>`,
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<recording xmlns="${NAMESPACE}"><datamode>complete</datamode>`,
    `<session session_id="${session}"><start-time>${startedAt}</start-time></session>`,
    ...people,
    "</recording>",
  ].join("\r\n");
}
