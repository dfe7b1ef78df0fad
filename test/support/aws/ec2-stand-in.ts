/** A stand-in for EC2: security groups and their rules, by the Query protocol. */
import type { AwsAnswer, AwsRequest, AwsServiceStandIn } from "./aws-stand-in.ts";

/** One rule for what comes in; ports absent: all. */
export interface StoredRule {
  readonly protocol: string;
  readonly from?: number;
  readonly to?: number;
  readonly cidrs: readonly string[];
}

/** Id of a group → its rules. */
export class Ec2StandIn implements AwsServiceStandIn {
  readonly service = "ec2";
  readonly groups = new Map<string, readonly StoredRule[]>();

  operationOf({ body }: AwsRequest): string {
    return new URLSearchParams(body.toString("utf8")).get("Action") ?? "";
  }

  handle(operation: string, { body }: AwsRequest): AwsAnswer {
    const headers = { "content-type": "text/xml" };
    if (operation !== "DescribeSecurityGroups") {
      return { status: 400, headers, body: ec2Error("InvalidAction") };
    }
    const asked = [...new URLSearchParams(body.toString("utf8"))]
      .filter(([name]) => name.startsWith("GroupId."))
      .map(([, id]) => id);
    if (!asked.every((id) => this.groups.has(id))) {
      return { status: 400, headers, body: ec2Error("InvalidGroup.NotFound") };
    }
    const items = asked.map((id) => groupXml(id, this.groups.get(id) ?? [])).join("");
    const text = `<DescribeSecurityGroupsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><securityGroupInfo>${items}</securityGroupInfo></DescribeSecurityGroupsResponse>`;
    return { status: 200, headers, body: text };
  }
}

function groupXml(id: string, rules: readonly StoredRule[]): string {
  return `<item><groupId>${id}</groupId><ipPermissions>${rules.map(ruleXml).join("")}</ipPermissions></item>`;
}

function ruleXml({ protocol, from, to, cidrs }: StoredRule): string {
  const four = cidrs.filter((text) => !text.includes(":"));
  const six = cidrs.filter((text) => text.includes(":"));
  return [
    `<item><ipProtocol>${protocol}</ipProtocol>`,
    from === undefined ? "" : `<fromPort>${from}</fromPort>`,
    to === undefined ? "" : `<toPort>${to}</toPort>`,
    `<ipRanges>${four.map((text) => `<item><cidrIp>${text}</cidrIp></item>`).join("")}</ipRanges>`,
    `<ipv6Ranges>${six.map((text) => `<item><cidrIpv6>${text}</cidrIpv6></item>`).join("")}</ipv6Ranges></item>`,
  ].join("");
}

function ec2Error(code: string): string {
  return `<Response><Errors><Error><Code>${code}</Code><Message>stand-in</Message></Error></Errors><RequestID>1</RequestID></Response>`;
}
