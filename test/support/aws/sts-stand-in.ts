/** A stand-in for AWS STS: says who asks, by the Query protocol, with wrong states on request. */
import type { AwsAnswer, AwsRequest, AwsServiceStandIn } from "./aws-stand-in.ts";

/** What is wrong. */
export interface StsState {
  /** An error code such as `ExpiredToken`; `undefined`: all is well. */
  refuse: string | undefined;
  /** How far its clock is ahead. */
  clockOffsetMs: number;
  account: string;
}

/** Knows one role. */
export class StsStandIn implements AwsServiceStandIn {
  readonly service = "sts";
  readonly state: StsState = { refuse: undefined, clockOffsetMs: 0, account: "111122223333" };

  operationOf({ body }: AwsRequest): string {
    return new URLSearchParams(body.toString("utf8")).get("Action") ?? "";
  }

  handle(operation: string): AwsAnswer {
    const { refuse, clockOffsetMs, account } = this.state;
    const headers = {
      "content-type": "text/xml",
      date: new Date(Date.now() + clockOffsetMs).toUTCString(),
    };
    if (refuse !== undefined || operation !== "GetCallerIdentity") {
      const code = refuse ?? "InvalidAction";
      return { status: 403, headers, body: queryError(code) };
    }
    const arn = `arn:aws:sts::${account}:assumed-role/gateway/i-0123456789`;
    const result = `<Arn>${arn}</Arn><UserId>AROA:i-0123456789</UserId><Account>${account}</Account>`;
    const body = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult></GetCallerIdentityResponse>`;
    return { status: 200, headers, body };
  }
}

/** As services of the Query protocol write their errors. */
function queryError(code: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>stand-in</Message></Error><RequestId>1</RequestId></ErrorResponse>`;
}
