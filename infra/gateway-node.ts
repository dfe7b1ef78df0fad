/** One node: a machine with an address of its own, and the gateway on it. */
import { Duration, Fn, RemovalPolicy, Stack } from "aws-cdk-lib";
import * as autoscaling from "aws-cdk-lib/aws-autoscaling";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as ecs from "aws-cdk-lib/aws-ecs";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as logs from "aws-cdk-lib/aws-logs";
import type * as secrets from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";

/** What a node is given. */
export interface GatewayNodeOptions {
  readonly vpc: ec2.IVpc;
  readonly cluster: ecs.Cluster;
  readonly securityGroup: ec2.ISecurityGroup;
  readonly taskRole: iam.IRole;
  readonly image: string;
  readonly instanceType: string;
  readonly logGroup: logs.ILogGroup;
  readonly secrets: {
    readonly operatorToken: secrets.ISecret;
    readonly assistSecret: secrets.ISecret;
    readonly openAiKey: secrets.ISecret;
  };
  readonly environment: Readonly<Record<string, string>>;
}

/** Where the API of every node is. */
export const HTTP_PORT = 8080;
const DATA_FOLDER = "/var/lib/trunkline";
/** Of the user `node` in the image. */
const NODE_UID = 1000;
/** ECS kills a container of EC2 that has not stopped by then; calls get ten seconds less. */
const STOP_SECONDS = 120;

/** Its Elastic IP is what Voice Connectors are told; a machine that replaces it takes the address over. */
export class GatewayNode extends Construct {
  readonly address: ec2.CfnEIP;
  readonly service: ecs.Ec2Service;
  readonly group: autoscaling.AutoScalingGroup;

  constructor(scope: Construct, id: string, options: GatewayNodeOptions) {
    super(scope, id);
    this.address = new ec2.CfnEIP(this, "Address", { domain: "vpc" });
    // Trunks know it: it outlives the stack, and is released by hand.
    this.address.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.group = this.#machine(options);
    const capacity = new ecs.AsgCapacityProvider(this, "Capacity", {
      autoScalingGroup: this.group,
      enableManagedTerminationProtection: false,
      enableManagedScaling: false,
      enableManagedDraining: true,
    });
    options.cluster.addAsgCapacityProvider(capacity);
    this.service = new ecs.Ec2Service(this, "Service", {
      cluster: options.cluster,
      taskDefinition: this.#task(options),
      desiredCount: 1,
      // The ports of a machine are taken once: the old task goes before the new one comes.
      minHealthyPercent: 0,
      maxHealthyPercent: 100,
      circuitBreaker: { rollback: true },
      capacityProviderStrategies: [{ capacityProvider: capacity.capacityProviderName, weight: 1 }],
    });
  }

  #machine(options: GatewayNodeOptions): autoscaling.AutoScalingGroup {
    const template = new ec2.LaunchTemplate(this, "Machine", {
      instanceType: new ec2.InstanceType(options.instanceType),
      machineImage: ecs.EcsOptimizedImage.amazonLinux2023(),
      securityGroup: options.securityGroup,
      role: this.#machineRole(),
      requireImdsv2: true,
      associatePublicIpAddress: true,
      userData: this.#userData(),
      blockDevices: [
        { deviceName: "/dev/xvda", volume: ec2.BlockDeviceVolume.ebs(40, { encrypted: true }) },
      ],
    });
    return new autoscaling.AutoScalingGroup(this, "Group", {
      vpc: options.vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
      launchTemplate: template,
      minCapacity: 1,
      maxCapacity: 1,
    });
  }

  #userData(): ec2.UserData {
    const userData = ec2.UserData.forLinux();
    userData.addCommands(
      `install -d -o ${NODE_UID} -g ${NODE_UID} -m 0750 ${DATA_FOLDER}`,
      // What the gateway asks for, so that a pause of the process loses no packet.
      "echo net.core.rmem_max=4194304 > /etc/sysctl.d/90-trunkline.conf && sysctl --system",
      "TOKEN=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token)",
      'INSTANCE=$(curl -sf -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/instance-id)',
      "command -v aws || dnf install -y awscli-2",
      Fn.sub(
        "aws ec2 associate-address --region $" +
          "{AWS::Region} --instance-id $INSTANCE --allocation-id $" +
          "{Allocation} --allow-reassociation",
        { Allocation: this.address.attrAllocationId },
      ),
    );
    return userData;
  }

  #machineRole(): iam.Role {
    const role = new iam.Role(this, "MachineRole", {
      assumedBy: new iam.ServicePrincipal("ec2.amazonaws.com"),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName("AmazonSSMManagedInstanceCore")],
    });
    const { partition, region, account } = Stack.of(this);
    const arn = (rest: string) => `arn:${partition}:ec2:${region}:${account}:${rest}`;
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ["ec2:AssociateAddress"],
        resources: [
          arn(`elastic-ip/${this.address.attrAllocationId}`),
          arn("instance/*"),
          arn("network-interface/*"),
        ],
      }),
    );
    return role;
  }

  #task(options: GatewayNodeOptions): ecs.Ec2TaskDefinition {
    const task = new ecs.Ec2TaskDefinition(this, "Task", {
      networkMode: ecs.NetworkMode.HOST,
      taskRole: options.taskRole,
      volumes: [{ name: "data", host: { sourcePath: DATA_FOLDER } }],
    });
    const container = task.addContainer("gateway", {
      image: ecs.ContainerImage.fromRegistry(options.image),
      memoryReservationMiB: 1024,
      readonlyRootFilesystem: true,
      stopTimeout: Duration.seconds(STOP_SECONDS),
      environment: {
        ...options.environment,
        TRUNKLINE_SIP__ADVERTISE: this.address.attrPublicIp,
        TRUNKLINE_CALLS__DRAIN_SECONDS: String(STOP_SECONDS - 10),
      },
      secrets: {
        OPERATOR_TOKEN: ecs.Secret.fromSecretsManager(options.secrets.operatorToken),
        ASSIST_TOKEN_SECRET: ecs.Secret.fromSecretsManager(options.secrets.assistSecret),
        OPENAI_API_KEY: ecs.Secret.fromSecretsManager(options.secrets.openAiKey),
      },
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: "gateway", logGroup: options.logGroup }),
      healthCheck: {
        command: ["CMD", "node", "docker/health.mjs"],
        interval: Duration.seconds(10),
        timeout: Duration.seconds(3),
        startPeriod: Duration.seconds(15),
      },
      portMappings: [{ containerPort: HTTP_PORT }],
    });
    container.addUlimits({ name: ecs.UlimitName.NOFILE, softLimit: 65_536, hardLimit: 65_536 });
    container.addMountPoints({
      sourceVolume: "data",
      containerPath: "/trunkline/data",
      readOnly: false,
    });
    return task;
  }
}
