/** What an instance of Amazon Connect has, as far as it is compared with what it shall have. */

/** A contact flow of the instance. */
export interface InstanceFlow {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly type: string;
  /** Absent where nobody asked. */
  readonly tags: Readonly<Record<string, string>>;
  /** As it was published last; `undefined`: never. */
  readonly content: string | undefined;
}

/** A queue of the instance. */
export interface InstanceQueue {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly outbound: {
    readonly name: string | undefined;
    readonly numberId: string | undefined;
    readonly flowId: string | undefined;
  };
}

/** A number that was claimed. */
export interface InstanceNumber {
  readonly id: string;
  readonly number: string;
  /** Of the flow that answers it. */
  readonly flowId: string | undefined;
}

/** Where live audio goes. */
export interface StreamStorage {
  readonly associationId: string;
  readonly prefix: string;
  readonly retentionHours: number;
  readonly keyArn: string;
}

/** The instance. */
export interface ConnectInstance {
  readonly id: string;
  readonly flows: readonly InstanceFlow[];
  readonly queues: readonly InstanceQueue[];
  readonly numbers: readonly InstanceNumber[];
  readonly origins: readonly string[];
  /** ARNs of integrated connectors. */
  readonly connectors: readonly string[];
  readonly lambdas: readonly string[];
  readonly mediaStreams: StreamStorage | undefined;
}

/** Marks a flow as ours; its value is the flow's name in the file. */
export const FLOW_TAG = "trunkline:flow";
