/** What the gateway may do in the account, service by service, and nothing else. */
import { Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import type * as s3 from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

/** What the statements are about. */
export interface TaskPolicyOptions {
  readonly recordings: s3.IBucket;
  readonly recordingsKey: kms.IKey;
  /** Id of the instance of Amazon Connect. */
  readonly connectInstanceId: string;
}

/** Statements of the task's role. */
export function taskPolicy(scope: Construct, options: TaskPolicyOptions): iam.PolicyStatement[] {
  const { partition, region, account } = Stack.of(scope);
  const arn = (service: string, rest: string, owner = account) =>
    `arn:${partition}:${service}:${region}:${owner}:${rest}`;
  const instance = `instance/${options.connectInstanceId}`;
  const { recordings, recordingsKey } = options;
  return [
    statement(
      "Models",
      ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      [`arn:${partition}:bedrock:*::foundation-model/*`, arn("bedrock", "inference-profile/*")],
    ),
    statement(
      "RealtimeModels",
      ["bedrock:InvokeModelWithBidirectionalStream"],
      [arn("bedrock", "foundation-model/amazon.nova-*", "")],
    ),
    statement("Knowledge", ["bedrock:Retrieve"], [arn("bedrock", "knowledge-base/*")]),
    statement("Search", ["kendra:Retrieve", "kendra:Query"], [arn("kendra", "index/*")]),
    // These two know no resources.
    statement(
      "Transcription",
      ["transcribe:StartStreamTranscription", "transcribe:StartCallAnalyticsStreamTranscription"],
      ["*"],
    ),
    statement(
      "Contacts",
      [
        "connect:GetContactAttributes",
        "connect:UpdateContactAttributes",
        "connect:DescribeContact",
        "connect:StartContactStreaming",
        "connect:StopContactStreaming",
        "connect:ListRealtimeContactAnalysisSegments",
      ],
      [arn("connect", instance), arn("connect", `${instance}/contact/*`)],
    ),
    statement(
      "LiveAudio",
      ["kinesisvideo:GetDataEndpoint", "kinesisvideo:GetMedia"],
      [arn("kinesisvideo", "stream/*")],
    ),
    statement("Recordings", ["s3:PutObject"], [recordings.arnForObjects("*")]),
    statement("RecordingsKey", ["kms:GenerateDataKey"], [recordingsKey.keyArn]),
  ];
}

function statement(sid: string, actions: string[], resources: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid, actions, resources });
}
