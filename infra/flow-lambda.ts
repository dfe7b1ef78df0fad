/** The function that contact flows call to tell the gateway of a contact: its code is inline, so that no asset has to be uploaded. */
import { readFileSync } from "node:fs";
import { Duration, Stack } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as elb from "aws-cdk-lib/aws-elasticloadbalancingv2";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import type * as secrets from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { type GatewayNode, HTTP_PORT } from "./gateway-node.ts";

/** Whom it tells, and with which token. */
export interface FlowLambdaOptions {
  readonly vpc: ec2.IVpc;
  readonly token: secrets.ISecret;
  readonly nodes: readonly GatewayNode[];
}

/** It reaches the nodes inside the network only, by a load balancer that the outside cannot reach. */
export class FlowLambda extends Construct {
  readonly function: lambda.Function;
  readonly securityGroup: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, { vpc, token, nodes }: FlowLambdaOptions) {
    super(scope, id);
    this.securityGroup = new ec2.SecurityGroup(this, "Caller", {
      vpc,
      description: "From contact flows to the API of the gateway",
    });
    const balancer = this.#balancer(vpc, nodes);
    // Subnets without a way out: the secret is read by a door of its own.
    vpc.addInterfaceEndpoint("SecretsEndpoint", {
      service: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    });
    this.function = new lambda.Function(this, "TellGateway", {
      description: "Tells the gateway of a contact, or has it listen to one",
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: "index.handler",
      code: lambda.Code.fromInline(
        readFileSync(new URL("lambda/tell-gateway.mjs", import.meta.url), "utf8"),
      ),
      timeout: Duration.seconds(8),
      memorySize: 256,
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
      allowPublicSubnet: true,
      securityGroups: [this.securityGroup],
      logGroup: new logs.LogGroup(this, "Log", { retention: logs.RetentionDays.ONE_MONTH }),
      environment: {
        GATEWAY_URL: `http://${balancer.loadBalancerDnsName}`,
        TOKEN_SECRET: token.secretArn,
      },
    });
    token.grantRead(this.function);
    this.function.addPermission("Connect", {
      principal: new iam.ServicePrincipal("connect.amazonaws.com"),
      sourceAccount: Stack.of(this).account,
    });
  }

  #balancer(vpc: ec2.IVpc, nodes: readonly GatewayNode[]): elb.ApplicationLoadBalancer {
    const balancer = new elb.ApplicationLoadBalancer(this, "Api", {
      vpc,
      internetFacing: false,
      vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
      securityGroup: this.securityGroup,
    });
    this.securityGroup.addIngressRule(this.securityGroup, ec2.Port.tcp(80), "contact flows");
    balancer.addListener("Http", { port: 80, open: false }).addTargets("Nodes", {
      port: HTTP_PORT,
      protocol: elb.ApplicationProtocol.HTTP,
      targets: nodes.map(({ group }) => group),
      healthCheck: { path: "/ready", interval: Duration.seconds(10) },
    });
    return balancer;
  }
}
