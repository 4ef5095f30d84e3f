import kafkajs, { type Admin } from 'kafkajs';
import { KafkaClient, type KafkaOptions } from './client.js';
import { toFailure } from './failures.js';
import { within } from './publisher.js';

const { AclOperationTypes: operations, AclPermissionTypes: permissions, AclResourceTypes: resources, ResourcePatternTypes: patterns } = kafkajs;

/** One thing that one principal may do, or may not. */
export interface AccessRule {
  readonly principal: string;
  /** `*`: from wherever it comes. */
  readonly host: string;
  readonly permission: 'Allow' | 'Deny';
  readonly resource: 'topic' | 'group';
  readonly name: string;
  readonly pattern: 'literal' | 'prefixed';
  readonly operation: AccessOperation;
}

const operationOf = {
  All: operations.ALL, Read: operations.READ, Write: operations.WRITE, Create: operations.CREATE, Delete: operations.DELETE, Alter: operations.ALTER, Describe: operations.DESCRIBE,
  ClusterAction: operations.CLUSTER_ACTION, DescribeConfigs: operations.DESCRIBE_CONFIGS, AlterConfigs: operations.ALTER_CONFIGS, IdempotentWrite: operations.IDEMPOTENT_WRITE,
} as const;
const permissionOf = { Allow: permissions.ALLOW, Deny: permissions.DENY } as const;
const resourceOf = { topic: resources.TOPIC, group: resources.GROUP } as const;
const patternOf = { literal: patterns.LITERAL, prefixed: patterns.PREFIXED } as const;

export type AccessOperation = keyof typeof operationOf;

/** Who may do what with topics and groups of a cluster. Asked by an administrator, and by nobody else. */
export class KafkaAccess {
  private readonly client: KafkaClient;

  private constructor(options: KafkaOptions) {
    this.client = new KafkaClient(options);
  }

  /** Connects when there is something to do. @throws Error with one sentence for the operator when a setting is wrong. */
  static open(options: KafkaOptions): KafkaAccess {
    return new KafkaAccess(options);
  }

  async rules(): Promise<AccessRule[]> {
    const anything = { resourceType: resources.ANY, resourcePatternType: patterns.ANY, operation: operations.ANY, permissionType: permissions.ANY };
    const { resources: found } = await this.ask((admin) => admin.describeAcls(anything));
    return found.flatMap(({ acls, resourceName, resourceType, resourcePatternType }) => acls.flatMap((acl) => ruleOf({ ...acl, resourceName, resourceType, resourcePatternType })));
  }

  /** What stands already stays as it is. */
  async add(rules: readonly AccessRule[]): Promise<void> {
    if (rules.length > 0) await this.ask((admin) => admin.createAcls({ acl: rules.map(entryOf) }));
  }

  /** These and no others. */
  async remove(rules: readonly AccessRule[]): Promise<void> {
    if (rules.length > 0) await this.ask((admin) => admin.deleteAcls({ filters: rules.map(entryOf) }));
  }

  private async ask<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const opened = this.client.open();
    const admin = opened.kafka.admin();
    try {
      await admin.connect();
      return await work(admin);
    } catch (error) {
      throw toFailure(error);
    } finally {
      await within(this.client.timing.close, admin.disconnect());
      opened.cut();
    }
  }
}

const entryOf = ({ principal, host, permission, resource, name, pattern, operation }: AccessRule): kafkajs.AclEntry => ({
  principal, host, permissionType: permissionOf[permission], resourceType: resourceOf[resource], resourceName: name, resourcePatternType: patternOf[pattern], operation: operationOf[operation],
});

/** Nothing of what is neither a topic nor a group. */
const ruleOf = (entry: kafkajs.AclEntry): AccessRule[] => {
  const [permission, resource, pattern] = [wordOf(permissionOf, entry.permissionType), wordOf(resourceOf, entry.resourceType), wordOf(patternOf, entry.resourcePatternType)];
  const operation = wordOf(operationOf, entry.operation);
  if (!permission || !resource || !pattern || !operation) return [];
  return [{ principal: entry.principal, host: entry.host, permission, resource, name: entry.resourceName, pattern, operation }];
};

const wordOf = <Word extends string>(words: Readonly<Record<Word, number>>, number: number): Word | undefined => (Object.keys(words) as Word[]).find((word) => words[word] === number);
