/** Every service of AWS that a stand-in exists for: one entry each, all with state of their own. */
import { assistServices, contactServices } from "./assist-services.ts";
import type { AwsServiceStandIn } from "./aws-stand-in.ts";
import { chimeStandIn } from "./chime-stand-in.ts";
import { servicesTogether } from "./connect-streaming.ts";

/** Makes them all anew; what runs by hand and what tests whole journeys starts from here. */
export function allServices(): readonly AwsServiceStandIn[] {
  return [chimeStandIn(), ...assistServices(), servicesTogether("connect", contactServices())];
}
