/** A stand-in for Service Quotas: the quotas of a new account, until somebody raises them. */
import {
  type AwsAnswer,
  type AwsRequest,
  type AwsServiceStandIn,
  awsError,
} from "./aws-stand-in.ts";

interface StoredQuota {
  readonly ServiceCode: string;
  readonly QuotaCode: string;
  readonly QuotaName: string;
  Value: number;
}

/** Codes other than that of transfer connectors are made up. */
export class ServiceQuotasStandIn implements AwsServiceStandIn {
  readonly service = "servicequotas";
  readonly quotas: readonly StoredQuota[] = [
    quota("chime", "L-00000001", "Voice Connectors", 3),
    quota("chime", "L-00000002", "Voice Connector calls per second", 1),
    quota("chime", "L-00000003", "Active Voice Connector calls", 10),
    quota("chime", "L-00000004", "Phone numbers", 5),
    quota("connect", "L-2BE4D75F", "External voice transfer connectors", 0),
  ];

  operationOf({ headers }: AwsRequest): string {
    return (headers["x-amz-target"] ?? "").split(".").at(-1) ?? "";
  }

  handle(operation: string, { body }: AwsRequest): AwsAnswer {
    const { ServiceCode, QuotaCode } = JSON.parse(body.toString("utf8")) as Partial<StoredQuota>;
    const ofService = this.quotas.filter((each) => each.ServiceCode === ServiceCode);
    switch (operation) {
      case "ListServiceQuotas":
        return { status: 200, body: { Quotas: ofService } };
      case "GetServiceQuota": {
        const found = ofService.find((each) => each.QuotaCode === QuotaCode);
        return found === undefined
          ? awsError(400, "NoSuchResourceException", "there is no such quota")
          : { status: 200, body: { Quota: found } };
      }
      default:
        return awsError(400, "UnknownOperationException", operation);
    }
  }

  /** As AWS does after a request for more. */
  raise(name: string, value: number): void {
    for (const each of this.quotas) {
      if (each.QuotaName === name) {
        each.Value = value;
      }
    }
  }
}

function quota(
  ServiceCode: string,
  QuotaCode: string,
  QuotaName: string,
  Value: number,
): StoredQuota {
  return { ServiceCode, QuotaCode, QuotaName, Value };
}
