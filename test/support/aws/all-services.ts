/** Every service of AWS that a stand-in exists for: one entry each, all with state of their own. */
import { assistServices, contactServices } from "./assist-services.ts";
import type { AwsServiceStandIn } from "./aws-stand-in.ts";
import { chimeStandIn } from "./chime-stand-in.ts";
import { connectStandIn } from "./connect-stand-in.ts";
import { servicesTogether } from "./connect-streaming.ts";
import { Ec2StandIn } from "./ec2-stand-in.ts";
import { KinesisVideoStandIn } from "./kinesis-video-stand-in.ts";
import { ServiceQuotasStandIn } from "./service-quotas-stand-in.ts";
import { StsStandIn } from "./sts-stand-in.ts";

/** Makes them all anew; what runs by hand and what tests whole journeys starts from here. */
export function allServices(): readonly AwsServiceStandIn[] {
  const contacts = connectStandIn();
  for (const [id, channel] of [
    ["chat-1", "CHAT"],
    ["call-1", "VOICE"],
  ] as const) {
    contacts.contacts.set(id, {
      id,
      channel,
      initiation: "INBOUND",
      attributes: {},
      disconnected: false,
    });
  }
  const connect = servicesTogether("connect", [contacts, ...contactServices()]);
  const account = [new StsStandIn(), new ServiceQuotasStandIn(), new Ec2StandIn()];
  return [chimeStandIn(), ...assistServices(), connect, new KinesisVideoStandIn(), ...account];
}
