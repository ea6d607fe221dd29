/**
 * The nftables table that isolates services in trial. It is a table of our own and never touches another. A packet
 * can take four ways, and each has its chain: `forward` between a container and the internet or another container,
 * `postrouting` from a daemon on the host to a container (also through a port published to loopback), `output` from
 * one daemon to another on the host's network, `input` from a container to the host and from outside to such a
 * daemon. Only `haven-check` is let through, the user that runs the health checks. Established connections are cut as
 * well.
 */
export interface TrialFirewall {
  /** Bridges of services in trial. */
  bridges: string[];
  /**
   * The bridges whose programs may ask the reverse proxy: a login check only works if the service can redeem its code
   * there.
   */
  loginBridges?: string[];
  /** Ports of host-network services in trial, including those of their health checks. */
  ports: { port: number; protocol: 'tcp' | 'udp' }[];
  /** Uids of host-network services in trial: they may not open connections. */
  uids: number[];
  checkUid: number;
}

export function renderTrialFirewall({
  bridges,
  loginBridges = [],
  ports,
  uids,
  checkUid,
}: TrialFirewall): string {
  const set = (name: string, type: string, elements: string[]) =>
    `  set ${name} { type ${type};${elements.length > 0 ? ` elements = { ${elements.join(', ')} };` : ''} }`;
  return [
    // Adding the table before deleting it works whether it exists or not, in one transaction.
    'add table inet haven_trial',
    'delete table inet haven_trial',
    'table inet haven_trial {',
    set(
      'bridges',
      'ifname',
      bridges.map((each) => `"${each}"`),
    ),
    set(
      'login_bridges',
      'ifname',
      loginBridges.map((each) => `"${each}"`),
    ),
    set(
      'own_bridge',
      'ifname . ifname',
      bridges.map((each) => `"${each}" . "${each}"`),
    ),
    set(
      'ports',
      'inet_proto . inet_service',
      ports.map((each) => `${each.protocol} . ${each.port}`),
    ),
    set('uids', 'uid', uids.map(String)),
    '  chain forward {',
    '    type filter hook forward priority -10; policy accept;',
    '    iifname . oifname @own_bridge accept',
    '    iifname @bridges drop',
    '    oifname @bridges drop',
    '  }',
    '  chain output {',
    '    type filter hook output priority -10; policy accept;',
    // A program's own health check connects over loopback.
    '    oifname "lo" meta skuid @uids meta l4proto . th dport @ports accept',
    `    oifname "lo" meta l4proto . th dport @ports meta skuid != ${checkUid} drop`,
    '    meta skuid @uids ct direction original drop',
    '  }',
    // A connection to a published port on loopback is translated after its route was chosen, so `output` still sees
    // it on lo. In this chain the bridge is known, and so is the socket's owner; forwarded packets have none.
    '  chain postrouting {',
    '    type filter hook postrouting priority -10; policy accept;',
    '    oifname @login_bridges tcp sport 443 ct direction reply accept',
    `    oifname @bridges meta skuid != ${checkUid} drop`,
    '  }',
    '  chain input {',
    '    type filter hook input priority -10; policy accept;',
    '    iifname @login_bridges tcp dport 443 accept',
    '    iifname @bridges ct direction original drop',
    '    iifname != "lo" meta l4proto . th dport @ports drop',
    '  }',
    '}',
    '',
  ].join('\n');
}
