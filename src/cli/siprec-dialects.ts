/** How recording clients of eight vendors write what they send; the forms are those of test/fixtures/siprec. */

/** Whose way. */
export const SIPREC_DIALECTS = [
  "generic",
  "cisco",
  "oracle",
  "audiocodes",
  "avaya",
  "ribbon",
  "genesys",
  "metaswitch",
  "broadworks",
] as const;

/** One of {@link SIPREC_DIALECTS}. */
export type SiprecDialect = (typeof SIPREC_DIALECTS)[number];

/** What is theirs alone; what is absent is as RFC 7866 has it. */
export interface SiprecForm {
  /** Of the INVITE, beside the usual ones. */
  readonly headers: Readonly<Record<string, string>>;
  readonly boundary: string;
  /** Whether the boundary stands in quotation marks in Content-Type. */
  readonly quoted?: boolean;
  /** Of the customer's and the agent's stream. */
  readonly labels: readonly [string, string];
  /** Between the name and the value of a part's header. */
  readonly colon?: ":" | ": ";
  /** Of XML names. */
  readonly prefix?: string;
  /** Elements of the vendor's own, in the session and at the end of the document. */
  readonly inSession?: string;
  readonly atEnd?: string;
  /** Ids are base64 of what others write. */
  readonly base64Ids?: boolean;
  /** Streams are offered inactive, and opened by a re-INVITE. */
  readonly opensLater?: boolean;
}

const ACME = 'xmlns:apkt="http://acmepacket.com/siprec/extensiondata"';
const BROADSOFT = 'xmlns:bw="http://schema.broadsoft.com/CallRecording"';

/** Calls of a demonstration, and nobody's. */
export const SIPREC_FORMS: Readonly<Record<SiprecDialect, SiprecForm>> = {
  generic: { headers: {}, boundary: "trunkline-siprec", labels: ["1", "2"] },
  cisco: {
    headers: {
      "User-Agent": "Cisco-SIPGateway/IOS-16.12",
      "Cisco-Guid": "2815439359-1300000001-2147483650-3232235777",
    },
    boundary: "uniqueBoundary",
    labels: ["1", "2"],
    base64Ids: true,
    opensLater: true,
  },
  oracle: {
    headers: { "User-Agent": "Oracle-SBC/9.2.0", "X-ISR-UCID": "isr-150323161627@0a0af9f9" },
    boundary: "unique-boundary-1",
    labels: ["65804", "65805"],
    inSession: `<extensiondata ${ACME}><apkt:ucid>00FA080019001038F725B3;encoding=hex</apkt:ucid></extensiondata>`,
  },
  audiocodes: {
    headers: { "User-Agent": "Mediant SW/v.7.40A.500.357" },
    boundary: "boundary_ac1fffe7",
    labels: ["1", "2"],
  },
  avaya: {
    headers: {
      "User-Agent": "Avaya-SBCE/10.1.2.0",
      "User-to-User": "00FA080019001038F725B3;encoding=hex",
      "X-Avaya-UCID": "00025000160955721139",
    },
    boundary: "==avaya.boundary==",
    quoted: true,
    labels: ["customer", "agent"],
  },
  ribbon: {
    headers: { "User-Agent": "Ribbon SBC 5400 V12.01" },
    boundary: "sonus-content-delim",
    labels: ["96", "97"],
  },
  genesys: {
    headers: {
      "User-Agent": "Genesys SIP Server 8.1.103.25",
      "X-Genesys-CallUUID": "4BOKLLA3VH66JF112M1CC9VHKS14F0KP",
    },
    boundary: "genesys_7MA4YWxkTrZu0gW",
    labels: ["0", "1"],
  },
  metaswitch: {
    headers: { "User-Agent": "Metaswitch Perimeta SBC V4.9" },
    boundary: "perimeta-boundary",
    labels: ["11", "12"],
    prefix: "rs:",
  },
  broadworks: {
    headers: { "User-Agent": "BroadWorks", "X-BroadWorks-Correlation-Info": "c0ffee-1" },
    boundary: "UniqueBroadWorksBoundary",
    labels: ["10", "20"],
    colon: ":",
    atEnd: `<bw:callRecording ${BROADSOFT}><bw:callID>callhalf-123:0</bw:callID></bw:callRecording>`,
  },
};
