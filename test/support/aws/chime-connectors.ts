/** The Voice Connectors and their groups of the stand-in for Chime, with all their settings. */
import {
  CallDistributionType,
  ContactCenterSystemType,
  NetworkType,
  NotificationTarget,
  OriginationRouteProtocol,
  SessionBorderControllerType,
  VoiceConnectorAwsRegion,
  VoiceConnectorIntegrationType,
} from "@aws-sdk/client-chime-sdk-voice";
import { parseNetwork } from "../../../src/core/network.ts";
import type { ChimeNumbers, Owners } from "./chime-numbers.ts";
import {
  badRequest,
  type ChimeAnswer,
  type ChimeHandler,
  type ChimeQuotas,
  ChimeRefusal,
  limitExceeded,
  notFound,
  oneOf,
} from "./chime-state.ts";
import type { SdkInput } from "./sdk-operations.ts";

export type { ChimeAnswer } from "./chime-state.ts";

type Settings = Readonly<Record<string, unknown>>;

/** A connector and its settings; a setting that was never put is absent. */
export interface StandInConnector {
  readonly view: Record<string, unknown>;
  readonly id: string;
  readonly arn: string;
  readonly tags: Map<string, string>;
  /** By the name that its operations have, for example `Origination`. */
  readonly settings: Map<string, Settings>;
  readonly passwords: Map<string, string>;
}

interface StandInGroup {
  readonly id: string;
  view: Record<string, unknown>;
}

/** What it is made of. */
export interface ChimeConnectorsOptions {
  readonly quotas: ChimeQuotas;
  readonly numbers: ChimeNumbers;
}

/** Setting → its name in Get, Put and Delete, the member that carries it, and what is checked. */
const SETTINGS: readonly (readonly [
  string,
  string,
  (value: Settings, quotas: ChimeQuotas) => void,
])[] = [
  ["Origination", "Origination", checkOrigination],
  ["Termination", "Termination", checkTermination],
  ["StreamingConfiguration", "StreamingConfiguration", checkStreaming],
  ["LoggingConfiguration", "LoggingConfiguration", () => undefined],
  ["EmergencyCallingConfiguration", "EmergencyCallingConfiguration", () => undefined],
];

const NAME = /^[a-zA-Z0-9 _.-]{1,256}$/;
const ACCOUNT = "111122223333";

/** Connectors and groups. */
export class ChimeConnectors implements Owners {
  readonly all = new Map<string, StandInConnector>();
  readonly groups = new Map<string, StandInGroup>();
  readonly #options: ChimeConnectorsOptions;
  #made = 0;

  constructor(options: ChimeConnectorsOptions) {
    this.#options = options;
  }

  has(kind: "VoiceConnectorId" | "VoiceConnectorGroupId", id: string): boolean {
    return kind === "VoiceConnectorId" ? this.all.has(id) : this.groups.has(id);
  }

  handlers(): Readonly<Record<string, ChimeHandler>> {
    return {
      ListVoiceConnectors: () => ({
        body: { VoiceConnectors: [...this.all.values()].map(({ view }) => view) },
        pagedBy: "VoiceConnectors",
      }),
      CreateVoiceConnector: (input) => ({ body: { VoiceConnector: this.create(input).view } }),
      GetVoiceConnector: (input) => ({ body: { VoiceConnector: this.#connector(input).view } }),
      UpdateVoiceConnector: (input) => this.#update(input),
      DeleteVoiceConnector: (input) => this.#delete(input),
      ...this.#settingHandlers(),
      GetVoiceConnectorTerminationHealth: (input) => {
        this.#setting(input, "Termination");
        return { body: { TerminationHealth: {} } };
      },
      ListVoiceConnectorTerminationCredentials: (input) => ({
        body: { Usernames: [...this.#connector(input).passwords.keys()] },
      }),
      PutVoiceConnectorTerminationCredentials: (input) => this.#putCredentials(input),
      DeleteVoiceConnectorTerminationCredentials: (input) => this.#deleteCredentials(input),
      TagResource: (input) => this.#tag(input),
      UntagResource: (input) => this.#untag(input),
      ListTagsForResource: (input) => ({
        body: {
          Tags: [...this.#byArn(input["ResourceARN"]).tags].map(([Key, Value]) => ({ Key, Value })),
        },
      }),
      ...this.#groupHandlers(),
    };
  }

  /** Also for tests: a connector that somebody made in the console. */
  create(input: SdkInput): StandInConnector {
    const { Name, AwsRegion, IntegrationType, NetworkType: network } = input;
    if (!NAME.test(String(Name))) {
      throw badRequest("the name of a connector");
    }
    oneOf(AwsRegion, VoiceConnectorAwsRegion, "AwsRegion");
    oneOf(IntegrationType, VoiceConnectorIntegrationType, "IntegrationType");
    oneOf(network, NetworkType, "NetworkType");
    const region = String(AwsRegion ?? "us-east-1");
    const inRegion = [...this.all.values()].filter(({ view }) => view["AwsRegion"] === region);
    if (inRegion.length >= this.#options.quotas.connectors) {
      throw limitExceeded("Voice Connectors");
    }
    this.#made += 1;
    const id = `standin${String(this.#made).padStart(15, "0")}`;
    const arn = `arn:aws:chime:${region}:${ACCOUNT}:vc/${id}`;
    const tags = (input["Tags"] ?? []) as readonly { Key: string; Value: string }[];
    const connector: StandInConnector = {
      id,
      arn,
      view: {
        VoiceConnectorId: id,
        VoiceConnectorArn: arn,
        OutboundHostName: `${id}.voiceconnector.chime.aws`,
        AwsRegion: region,
        Name,
        RequireEncryption: input["RequireEncryption"],
        NetworkType: network ?? "IPV4_ONLY",
        ...(IntegrationType === undefined ? {} : { IntegrationType }),
      },
      tags: new Map(tags.map(({ Key, Value }) => [Key, Value])),
      settings: new Map(),
      passwords: new Map(),
    };
    this.all.set(id, connector);
    return connector;
  }

  #connector(input: SdkInput): StandInConnector {
    const connector = this.all.get(String(input["VoiceConnectorId"]));
    if (connector === undefined) {
      throw notFound("the Voice Connector");
    }
    return connector;
  }

  #byArn(arn: unknown): StandInConnector {
    const connector = [...this.all.values()].find((each) => each.arn === arn);
    if (connector === undefined) {
      throw notFound("the resource");
    }
    return connector;
  }

  #update(input: SdkInput): ChimeAnswer {
    const { view } = this.#connector(input);
    if (!NAME.test(String(input["Name"]))) {
      throw badRequest("the name of a connector");
    }
    Object.assign(view, {
      Name: input["Name"],
      RequireEncryption: input["RequireEncryption"],
    });
    return { body: { VoiceConnector: view } };
  }

  #delete(input: SdkInput): ChimeAnswer {
    const { id } = this.#connector(input);
    const inGroup = [...this.groups.values()].some(({ view }) =>
      itemsOf(view).some(({ VoiceConnectorId }) => VoiceConnectorId === id),
    );
    if (this.#options.numbers.of(id).length > 0 || inGroup) {
      throw new ChimeRefusal(409, "ConflictException", "numbers or a group use the connector");
    }
    this.all.delete(id);
    return undefined;
  }

  #setting(input: SdkInput, name: string): Settings {
    const setting = this.#connector(input).settings.get(name);
    if (setting === undefined) {
      throw notFound(name);
    }
    return setting;
  }

  #settingHandlers(): Readonly<Record<string, ChimeHandler>> {
    const handlers: Record<string, ChimeHandler> = {};
    for (const [name, member, check] of SETTINGS) {
      handlers[`GetVoiceConnector${name}`] = (input) => ({
        body: { [member]: this.#setting(input, name) },
      });
      handlers[`PutVoiceConnector${name}`] = (input) => {
        const value = input[member] as Settings;
        check(value, this.#options.quotas);
        this.#connector(input).settings.set(name, value);
        return { body: { [member]: value } };
      };
      handlers[`DeleteVoiceConnector${name}`] = (input) => {
        this.#connector(input).settings.delete(name);
        return undefined;
      };
    }
    handlers["PutVoiceConnectorExternalSystemsConfiguration"] = (input) => {
      const systems = {
        SessionBorderControllerTypes: (input["SessionBorderControllerTypes"] ?? []) as unknown[],
        ContactCenterSystemTypes: (input["ContactCenterSystemTypes"] ?? []) as unknown[],
      };
      for (const type of systems.SessionBorderControllerTypes) {
        oneOf(type, SessionBorderControllerType, "SessionBorderControllerType");
      }
      for (const type of systems.ContactCenterSystemTypes) {
        oneOf(type, ContactCenterSystemType, "ContactCenterSystemType");
      }
      this.#connector(input).settings.set("ExternalSystemsConfiguration", systems);
      return { body: { ExternalSystemsConfiguration: systems } };
    };
    handlers["GetVoiceConnectorExternalSystemsConfiguration"] = (input) => ({
      body: { ExternalSystemsConfiguration: this.#setting(input, "ExternalSystemsConfiguration") },
    });
    handlers["DeleteVoiceConnectorExternalSystemsConfiguration"] = (input) => {
      this.#connector(input).settings.delete("ExternalSystemsConfiguration");
      return undefined;
    };
    return handlers;
  }

  #putCredentials(input: SdkInput): ChimeAnswer {
    this.#setting(input, "Termination");
    const { passwords } = this.#connector(input);
    for (const each of (input["Credentials"] ?? []) as readonly Settings[]) {
      const password = String(each["Password"]);
      if (!/^[\x20-\x7e]{1,128}$/.test(password)) {
        throw badRequest(`value '${password}' at 'credentials.member.password' is no US-ASCII`);
      }
      passwords.set(String(each["Username"]), password);
    }
    return undefined;
  }

  #deleteCredentials(input: SdkInput): ChimeAnswer {
    const { passwords } = this.#connector(input);
    for (const name of input["Usernames"] as readonly string[]) {
      passwords.delete(name);
    }
    return undefined;
  }

  #tag(input: SdkInput): ChimeAnswer {
    const { tags } = this.#byArn(input["ResourceARN"]);
    for (const { Key, Value } of input["Tags"] as readonly { Key: string; Value: string }[]) {
      tags.set(Key, Value);
    }
    if (tags.size > 50) {
      throw badRequest("more than 50 tags");
    }
    return undefined;
  }

  #untag(input: SdkInput): ChimeAnswer {
    const { tags } = this.#byArn(input["ResourceARN"]);
    for (const key of input["TagKeys"] as readonly string[]) {
      tags.delete(key);
    }
    return undefined;
  }

  #groupHandlers(): Readonly<Record<string, ChimeHandler>> {
    return {
      ListVoiceConnectorGroups: () => ({
        body: { VoiceConnectorGroups: [...this.groups.values()].map(({ view }) => view) },
        pagedBy: "VoiceConnectorGroups",
      }),
      CreateVoiceConnectorGroup: (input) => {
        if (this.groups.size >= this.#options.quotas.groups) {
          throw limitExceeded("Voice Connector groups");
        }
        this.#made += 1;
        const id = `group${String(this.#made).padStart(17, "0")}`;
        const group = { id, view: this.#groupView(id, input) };
        this.groups.set(id, group);
        return { body: { VoiceConnectorGroup: group.view } };
      },
      GetVoiceConnectorGroup: (input) => ({
        body: { VoiceConnectorGroup: this.#group(input).view },
      }),
      UpdateVoiceConnectorGroup: (input) => {
        const group = this.#group(input);
        group.view = this.#groupView(group.id, input);
        return { body: { VoiceConnectorGroup: group.view } };
      },
      DeleteVoiceConnectorGroup: (input) => {
        const { id } = this.#group(input);
        if (this.#options.numbers.of(id).length > 0) {
          throw new ChimeRefusal(409, "ConflictException", "numbers use the group");
        }
        this.groups.delete(id);
        return undefined;
      },
    };
  }

  #group(input: SdkInput): StandInGroup {
    const group = this.groups.get(String(input["VoiceConnectorGroupId"]));
    if (group === undefined) {
      throw notFound("the Voice Connector group");
    }
    return group;
  }

  #groupView(id: string, input: SdkInput): Record<string, unknown> {
    const items = itemsOf(input);
    oneOf(input["CallDistributionType"], CallDistributionType, "CallDistributionType");
    if (!NAME.test(String(input["Name"])) || items.some((item) => !isPriority(item["Priority"]))) {
      throw badRequest("a group has a name, and its connectors priorities of 1 to 99");
    }
    if (items.length > this.#options.quotas.connectorsOfGroup) {
      throw limitExceeded("connectors in a group");
    }
    if (items.some(({ VoiceConnectorId }) => !this.all.has(String(VoiceConnectorId)))) {
      throw notFound("a connector of the group");
    }
    return {
      VoiceConnectorGroupId: id,
      VoiceConnectorGroupArn: `arn:aws:chime:us-east-1:${ACCOUNT}:vcg/${id}`,
      Name: input["Name"],
      VoiceConnectorItems: items,
      CallDistributionType: input["CallDistributionType"] ?? "PriorityWeightedDistribution",
    };
  }
}

function itemsOf(view: SdkInput): readonly Settings[] {
  return (view["VoiceConnectorItems"] ?? []) as readonly Settings[];
}

function isPriority(value: unknown): boolean {
  return typeof value === "number" && value >= 1 && value <= 99;
}

function checkOrigination({ Routes, Disabled }: Settings): void {
  const routes = (Routes ?? []) as readonly Settings[];
  if (routes.length > 20 || (routes.length === 0 && Disabled === undefined)) {
    throw badRequest("1 to 20 routes, or Disabled");
  }
  for (const route of routes) {
    oneOf(route["Protocol"], OriginationRouteProtocol, "Protocol");
    const numbers = [route["Priority"], route["Weight"]];
    if (route["Host"] === undefined || numbers.some((n) => !(Number(n) >= 1 && Number(n) <= 100))) {
      throw badRequest("a route has a host, and a priority and weight of 1 to 100");
    }
  }
}

function checkTermination(
  { CpsLimit, CallingRegions, CidrAllowedList }: Settings,
  quotas: ChimeQuotas,
): void {
  if (Number(CpsLimit ?? 1) > quotas.callsPerSecond) {
    throw limitExceeded("calls per second");
  }
  if (!Array.isArray(CallingRegions) || CallingRegions.length === 0) {
    throw badRequest("CallingRegions is missing");
  }
  for (const text of (CidrAllowedList ?? []) as readonly string[]) {
    const network = parseNetwork(text);
    const isPrivate = /^(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(text);
    if (network === undefined || network.prefixBits < 27 || isPrivate) {
      throw badRequest(`${text} is no public network of /27 to /32`);
    }
  }
}

function checkStreaming({ DataRetentionInHours, StreamingNotificationTargets }: Settings): void {
  if (Number(DataRetentionInHours) < 0) {
    throw badRequest("DataRetentionInHours");
  }
  const targets = (StreamingNotificationTargets ?? []) as readonly Settings[];
  if (targets.length > 3) {
    throw badRequest("1 to 3 notification targets");
  }
  for (const target of targets) {
    oneOf(target["NotificationTarget"], NotificationTarget, "NotificationTarget");
  }
}
