/** Every service of AWS that a stand-in exists for: one entry each, all with state of their own. */
import type { AwsServiceStandIn } from "./aws-stand-in.ts";
import { chimeStandIn } from "./chime-stand-in.ts";

/** Makes them all anew; what runs by hand and what tests whole journeys starts from here. */
export function allServices(): readonly AwsServiceStandIn[] {
  return [chimeStandIn()];
}
