/** Whom to wake, and when: what CloudWatch can see. What only the gateway knows is in docker/prometheus/alerts.yml. */
import { CfnCondition, type CfnResource, Duration, Fn } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type * as ecs from "aws-cdk-lib/aws-ecs";
import * as logs from "aws-cdk-lib/aws-logs";
import * as sns from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import type { GatewayNode } from "./gateway-node.ts";

/** What is watched. */
export interface AlarmsOptions {
  readonly nodes: readonly GatewayNode[];
  readonly cluster: ecs.Cluster;
  readonly logGroup: logs.ILogGroup;
  readonly email: string;
  /** `none`: no alarms of a connector. */
  readonly voiceConnectorId: string;
}

const MINUTE = Duration.minutes(1);

/** All of them tell one address. */
export class Alarms extends Construct {
  readonly #action: SnsAction;

  constructor(scope: Construct, id: string, options: AlarmsOptions) {
    super(scope, id);
    const topic = new sns.Topic(this, "Topic", { enforceSSL: true });
    topic.addSubscription(new EmailSubscription(options.email));
    this.#action = new SnsAction(topic);
    for (const [index, { service }] of options.nodes.entries()) {
      const dimensionsMap = {
        ClusterName: options.cluster.clusterName,
        ServiceName: service.serviceName,
      };
      this.#alarm(`Node${index + 1}Down`, "No gateway runs on this node: its calls are refused.", {
        metric: new cloudwatch.Metric({
          namespace: "ECS/ContainerInsights",
          metricName: "RunningTaskCount",
          dimensionsMap,
          period: MINUTE,
          statistic: "Minimum",
        }),
        threshold: 1,
        comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: 3,
        treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      });
      this.#alarm(`Node${index + 1}Busy`, "Above this, audio begins to leave late.", {
        metric: service.metricCpuUtilization({ period: MINUTE }),
        threshold: 75,
        evaluationPeriods: 5,
      });
    }
    this.#logAlarm(options.logGroup);
    this.#connectorAlarm(options.voiceConnectorId);
  }

  /** Lines of level `error` say that someone must act. */
  #logAlarm(logGroup: logs.ILogGroup): void {
    const filter = new logs.MetricFilter(this, "Errors", {
      logGroup,
      filterPattern: logs.FilterPattern.any(
        logs.FilterPattern.stringValue("$.level", "=", "error"),
        logs.FilterPattern.numberValue("$.level", ">=", 50),
      ),
      metricNamespace: "Trunkline",
      metricName: "ErrorLines",
      metricValue: "1",
      defaultValue: 0,
    });
    this.#alarm("LogErrors", "The gateway's log has lines of level error.", {
      metric: filter.metric({ period: Duration.minutes(5), statistic: "Sum" }),
      threshold: 1,
      evaluationPeriods: 1,
    });
  }

  #connectorAlarm(voiceConnectorId: string): void {
    const known = new CfnCondition(this, "HasConnector", {
      expression: Fn.conditionNot(Fn.conditionEquals(voiceConnectorId, "none")),
    });
    const alarm = this.#alarm("ConnectorRefused", "Calls between connector and gateway fail.", {
      metric: new cloudwatch.Metric({
        namespace: "AWS/ChimeVoiceConnector",
        metricName: "Sip4xxCodes",
        dimensionsMap: { VoiceConnectorId: voiceConnectorId },
        period: Duration.minutes(5),
        statistic: "Sum",
      }),
      threshold: 20,
      evaluationPeriods: 1,
    });
    (alarm.node.defaultChild as CfnResource).cfnOptions.condition = known;
  }

  #alarm(id: string, alarmDescription: string, props: cloudwatch.AlarmProps): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, {
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      ...props,
      alarmDescription,
    });
    alarm.addAlarmAction(this.#action);
    alarm.addOkAction(this.#action);
    return alarm;
  }
}
