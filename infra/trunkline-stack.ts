/** The gateway on Amazon ECS: machines with addresses of their own, since SIP and RTP need both the ports and the address. */
import {
  CfnMapping,
  CfnOutput,
  CfnParameter,
  Duration,
  Fn,
  RemovalPolicy,
  Stack,
  type StackProps,
} from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as ecs from "aws-cdk-lib/aws-ecs";
import * as iam from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import * as logs from "aws-cdk-lib/aws-logs";
import * as s3 from "aws-cdk-lib/aws-s3";
import * as secrets from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { BUILT_IN_NETWORKS } from "../src/app/voice-connector-networks.ts";
import { Alarms } from "./alarms.ts";
import { FlowLambda } from "./flow-lambda.ts";
import { GatewayNode, HTTP_PORT } from "./gateway-node.ts";
import { taskPolicy } from "./task-policy.ts";

/** What is decided when the template is made; everything else is a parameter of it. */
export interface TrunklineStackProps extends StackProps {
  /** How many nodes: each gets an address, which is a route of origination of its own. */
  readonly nodeCount: number;
}

const SIP_PORTS = [ec2.Port.udp(5060), ec2.Port.tcp(5060), ec2.Port.tcp(5061)];
const MEDIA_PORTS = ec2.Port.udpRange(20_000, 29_999);
const RECORDING_DAYS = 90;

/** Everything; its template works in each region that has Voice Connectors. */
export class TrunklineStack extends Stack {
  constructor(scope: Construct, id: string, props: TrunklineStackProps) {
    super(scope, id, props);
    const parameters = this.#parameters();
    const vpc = new ec2.Vpc(this, "Network", {
      maxAzs: 2,
      natGateways: 0,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [{ name: "public", subnetType: ec2.SubnetType.PUBLIC }],
    });
    const securityGroup = this.#securityGroup(vpc);
    const cluster = new ecs.Cluster(this, "Cluster", {
      vpc,
      containerInsightsV2: ecs.ContainerInsights.ENABLED,
    });
    const logGroup = new logs.LogGroup(this, "Log", { retention: logs.RetentionDays.ONE_MONTH });
    const { recordings, recordingsKey } = this.#recordings();
    const taskRole = new iam.Role(this, "TaskRole", {
      assumedBy: new iam.ServicePrincipal("ecs-tasks.amazonaws.com"),
    });
    const connectInstanceId = parameters.connectInstance.valueAsString;
    for (const each of taskPolicy(this, { recordings, recordingsKey, connectInstanceId })) {
      taskRole.addToPolicy(each);
    }
    const keys = this.#secrets();
    const nodes = Array.from(
      { length: props.nodeCount },
      (_, index) =>
        new GatewayNode(this, `Node${index + 1}`, {
          vpc,
          cluster,
          securityGroup,
          taskRole,
          image: parameters.image.valueAsString,
          instanceType: parameters.instanceType.valueAsString,
          logGroup,
          secrets: keys,
          environment: this.#environment(),
        }),
    );
    const lambda = new FlowLambda(this, "Flows", {
      vpc,
      token: keys.operatorToken,
      nodes,
    });
    securityGroup.addIngressRule(lambda.securityGroup, ec2.Port.tcp(HTTP_PORT), "contact flows");
    new Alarms(this, "Alarms", {
      nodes,
      cluster,
      logGroup,
      email: parameters.alarmEmail.valueAsString,
      voiceConnectorId: parameters.voiceConnector.valueAsString,
    });
    for (const [index, { address }] of nodes.entries()) {
      new CfnOutput(this, `OriginationHost${index + 1}`, {
        value: address.attrPublicIp,
        description: "Host of an origination route of the Voice Connector.",
      });
    }
    new CfnOutput(this, "FlowFunctionArn", {
      value: lambda.function.functionArn,
      description: "For blocks InvokeLambdaFunction of contact flows.",
    });
    new CfnOutput(this, "RecordingsBucket", { value: recordings.bucketName });
  }

  #parameters() {
    const text = (id: string, description: string, more: object = {}) =>
      new CfnParameter(this, id, { type: "String", description, ...more });
    return {
      image: text("Image", "The gateway's image, for example one of your own repository in ECR.", {
        minLength: 1,
      }),
      instanceType: text("InstanceType", "A core carries some hundred calls: see README.md.", {
        default: "c7i.large",
      }),
      connectInstance: text("ConnectInstanceId", "Id of the instance of Amazon Connect.", {
        default: "none",
        allowedPattern: "^(none|[0-9a-f-]{36})$",
      }),
      voiceConnector: text("VoiceConnectorId", "For its alarms; none: there are none.", {
        default: "none",
        allowedPattern: "^[a-z0-9-]{4,36}$",
      }),
      alarmEmail: text("AlarmEmail", "Who is told of alarms.", { minLength: 3 }),
    };
  }

  /** SIP and RTP from the region's Voice Connectors only; nothing else from outside. */
  #securityGroup(vpc: ec2.IVpc): ec2.SecurityGroup {
    const networks = new CfnMapping(this, "VoiceConnectorNetworks", {
      mapping: Object.fromEntries(
        [...BUILT_IN_NETWORKS].map(([name, [four, six]]) => [
          name.replace("voice-connector:", ""),
          { four, six },
        ]),
      ),
    });
    const group = new ec2.SecurityGroup(this, "Gateway", {
      vpc,
      description: "SIP and RTP of Voice Connectors",
    });
    const from = ec2.Peer.ipv4(Fn.findInMap(networks.logicalId, this.region, "four"));
    for (const port of SIP_PORTS) {
      group.addIngressRule(from, port, "SIP of Voice Connectors");
    }
    group.addIngressRule(from, MEDIA_PORTS, "RTP of Voice Connectors");
    return group;
  }

  #recordings() {
    const recordingsKey = new kms.Key(this, "RecordingsKey", {
      enableKeyRotation: true,
      description: "Recordings of calls",
    });
    const recordings = new s3.Bucket(this, "Recordings", {
      encryptionKey: recordingsKey,
      encryption: s3.BucketEncryption.KMS,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [
        {
          expiration: Duration.days(RECORDING_DAYS),
          noncurrentVersionExpiration: Duration.days(1),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    return { recordings, recordingsKey };
  }

  #secrets() {
    const generated = (id: string, description: string) =>
      new secrets.Secret(this, id, {
        description,
        generateSecretString: { passwordLength: 48, excludePunctuation: true },
      });
    return {
      operatorToken: generated("OperatorToken", "Bearer token of operators and contact flows"),
      assistSecret: generated("AssistSecret", "Signs the tokens of agents' pages"),
      openAiKey: generated("OpenAiKey", "Key of OpenAI: replace it by one of yours, or leave it"),
    };
  }

  #environment(): Record<string, string> {
    const reference = (name: string) => ["$", "{env:", name, "}"].join("");
    return {
      TRUNKLINE_SIP__HOST: "0.0.0.0",
      TRUNKLINE_SIP__HIDE_FROM_STRANGERS: "true",
      TRUNKLINE_HTTP__HOST: "0.0.0.0",
      TRUNKLINE_HTTP__TOKENS: JSON.stringify([
        { name: "operator", token: reference("OPERATOR_TOKEN"), role: "operate" },
      ]),
      TRUNKLINE_ASSIST__TOKEN_SECRET: reference("ASSIST_TOKEN_SECRET"),
      TRUNKLINE_AWS__REGION: this.region,
    };
  }
}
