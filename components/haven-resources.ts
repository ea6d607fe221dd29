import * as pulumi from '@pulumi/pulumi';

/** How to reach a server's agent. */
export interface AgentArgs {
  host: pulumi.Input<string>;
  hostKey: pulumi.Input<string>;
}

const version = { version: '0.1.0' };

/** The agent on a server, which sets the server up. Its text is in the run's folder. */
export class Agent extends pulumi.CustomResource {
  constructor(
    name: string,
    args: AgentArgs & {
      server: pulumi.Input<string>;
      sha256: string;
      volume: pulumi.Input<string>;
      volumeGb: pulumi.Input<number>;
    },
    options: pulumi.CustomResourceOptions = {},
  ) {
    super('haven:index:Agent', name, { ...args }, { ...version, ...options });
  }
}

/** What the agent has set up on the server itself: files, units, firewall. Each plan looks at it. */
export class SetUp extends pulumi.CustomResource {
  constructor(
    name: string,
    args: AgentArgs & { volume: pulumi.Input<string>; volumeGb: pulumi.Input<number> },
    options: pulumi.CustomResourceOptions = {},
  ) {
    super('haven:index:SetUp', name, { ...args, differs: undefined }, { ...version, ...options });
  }
}

/** A release of a service on a server. Its contents are in the run's folder, by hash; the state keeps a summary. */
export class Release extends pulumi.CustomResource {
  declare readonly hash: pulumi.Output<string>;
  constructor(
    name: string,
    args: AgentArgs & { service: string; hash: string; quotas: Record<string, number>; summary: object },
    options: pulumi.CustomResourceOptions = {},
  ) {
    super(
      'haven:index:Release',
      name,
      { ...args, healthy: undefined, differs: undefined },
      { ...version, ...options },
    );
  }
}

/** A certificate whose keys were made on the server: the one in use, and the next. */
export class Certificate extends pulumi.CustomResource {
  /** sha256 of the public key in each slot, hex: the content of TLSA `3 1 1`. */
  declare readonly keyA: pulumi.Output<string>;
  declare readonly keyB: pulumi.Output<string>;
  constructor(
    name: string,
    args: AgentArgs & { name: string; directory: string; accountUrl: string; keyGeneration: number },
    options: pulumi.CustomResourceOptions = {},
  ) {
    super(
      'haven:index:Certificate',
      name,
      { ...args, keyA: undefined, keyB: undefined, valid: undefined },
      { ...version, ...options },
    );
  }
}

/** How a server tells its owner that something is wrong. The state has the ways, never their secrets. */
export class Alarms extends pulumi.CustomResource {
  constructor(
    name: string,
    args: AgentArgs & { server: pulumi.Input<string>; ways: object },
    options: pulumi.CustomResourceOptions = {},
  ) {
    super('haven:index:Alarms', name, { ...args }, { ...version, ...options });
  }
}

/** Where a server's backups go, and when they are made. The state has the settings, never their secrets. */
export class Backups extends pulumi.CustomResource {
  constructor(
    name: string,
    args: AgentArgs & { server: pulumi.Input<string>; settings: object },
    options: pulumi.CustomResourceOptions = {},
  ) {
    super('haven:index:Backups', name, { ...args }, { ...version, ...options });
  }
}

/** The look outward before mail goes live. The state has what it was about, without the relay's password. */
export class MailPreflight extends pulumi.CustomResource {
  constructor(
    name: string,
    args: AgentArgs & { server: pulumi.Input<string>; mail: object },
    options: pulumi.CustomResourceOptions = {},
  ) {
    super('haven:index:MailPreflight', name, { ...args }, { ...version, ...options });
  }
}

/** A record that the owner enters by hand at their DNS provider. It is shown, waited for, and checked. */
export class ManualRecord extends pulumi.CustomResource {
  constructor(
    name: string,
    args: { name: string; type: string; content: pulumi.Input<string>; reason: string },
    options: pulumi.CustomResourceOptions = {},
  ) {
    super('haven:index:ManualRecord', name, { ...args, visible: undefined }, { ...version, ...options });
  }
}

/** A zone that its DNS provider signs (DNSSEC). It stays signed when this is deleted. */
export class ZoneSigning extends pulumi.CustomResource {
  constructor(name: string, args: { zone: string; dns: string }, options: pulumi.CustomResourceOptions = {}) {
    super('haven:index:ZoneSigning', name, { ...args, isSigned: undefined }, { ...version, ...options });
  }
}
