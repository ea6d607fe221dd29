import assert from 'node:assert/strict';
import { ldap } from '../../core/users/ldap.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import type { CloudUnderTest } from '../e2e/cloud-under-test.ts';
import { loggedRequests, victimsWithLogs } from './victim-logs.ts';

/** What the other services of a cloud saw of an attack on the user Vera. `mark` is what the attacker calls itself. */
export class Victims {
  readonly #cloud: CloudUnderTest;
  readonly #attackers: string[];

  /** `attackers`: the addresses of the programs that attack. */
  constructor(cloud: CloudUnderTest, attackers: string[]) {
    this.#cloud = cloud;
    this.#attackers = attackers;
  }

  /** Which data of theirs have the attacker's mark. */
  async traces(mark: string): Promise<string[]> {
    const repositories = [
      'psql',
      '-U',
      'postgres',
      '-At',
      'gitea',
      '-c',
      'SELECT lower_name FROM repository',
    ];
    const made = ['exec', 'gitea', '--container', 'db', '--', ...repositories];
    const places = {
      'app password': await this.inLdap(`uid=vera,${ldap.appPasswords}`),
      user: await this.inLdap(`uid=vera,${ldap.users}`),
      repository: (await this.#cloud.owner.must(made)).stdout,
    };
    return Object.entries(places).flatMap(([what, text]) => (text.includes(mark) ? [what] : []));
  }

  /**
   * Requests that a victim took for a user's, by its own log. Throws if a victim logged none of them, or took the
   * attacker's address for another one.
   */
  async acceptedRequests(mark: string): Promise<string[]> {
    const seen = new Set<string>();
    for (const container of victimsWithLogs) {
      const logged = await loggedRequests(this.#cloud, container, mark);
      assert.ok(logged.length > 0, `${container} logged nothing of ${mark}`);
      for (const { from, user } of logged) {
        assert.ok(this.#attackers.includes(from), `${container} says that the visitor is at ${from}`);
        if (user !== undefined) seen.add(`${container} ${user.split('@')[0]}`);
      }
    }
    return [...seen].sort();
  }

  /** An entry of LDAP with what is below it, as its administrator sees it. */
  async inLdap(dn: string): Promise<string> {
    const search = ['ldapsearch', '-LLL', '-o', 'ldif-wrap=no', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///'];
    const command = ['docker', 'exec', 'haven-ldap-slapd-1', ...search, '-b', dn];
    return (await onMachine(this.#cloud.machine, command)).stdout;
  }
}
