/** A stand-in for Amazon S3: takes objects whole, and only with the checksum that they were sent with. */
import { createHash } from "node:crypto";
import { type AwsRequest, type AwsServiceStandIn, awsError } from "./aws-stand-in.ts";

/** One object. */
export interface StoredObject {
  readonly body: Buffer;
  readonly headers: AwsRequest["headers"];
}

/** `BUCKET/KEY` → object. */
export class S3StandIn implements AwsServiceStandIn {
  readonly service = "s3";
  readonly objects = new Map<string, StoredObject>();

  operationOf({ method }: AwsRequest): string {
    return method === "PUT" ? "PutObject" : "Unknown";
  }

  handle(operation: string, { path, headers, body }: AwsRequest) {
    if (operation !== "PutObject") {
      return awsError(501, "NotImplemented", "this stand-in takes objects only");
    }
    const declared = headers["x-amz-checksum-sha256"];
    const actual = createHash("sha256").update(body).digest("base64");
    if (declared !== undefined && declared !== actual) {
      return xmlError(400, "BadDigest");
    }
    this.objects.set(path.slice(1), { body, headers });
    return { status: 200, headers: { etag: '"stand-in"' } };
  }
}

/** As S3 writes its errors. */
export function xmlError(status: number, code: string) {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>stand-in</Message></Error>`;
  return { status, headers: { "content-type": "application/xml" }, body };
}
