/** How to see pages of the sandbox on another computer: an SSH tunnel to its server, and a browser that uses it. */
export interface BrowserTunnel {
  /** The page to open, and all names of this cloud. */
  address: string;
  hosts: string[];
  /** Address of the sandbox's server on this machine. */
  server: string;
  /** This machine, as `user@name`. */
  machine: string;
}

/**
 * The commands to type on a computer with a screen. The browser has a profile of its own, whose names lead to the tunnel,
 * and which accepts the sandbox's certificates: they are from the sandbox's own authority.
 */
export function tunnelCommands({ address, hosts, server, machine }: BrowserTunnel): string[] {
  const rules = hosts.map((host) => `MAP ${host} 127.0.0.1:8443`).join(', ');
  return [
    `ssh -N -L 8443:${server}:443 ${machine}`,
    `chromium --user-data-dir=/tmp/haven-browser --ignore-certificate-errors --host-resolver-rules="${rules}" ${address}`,
  ];
}
