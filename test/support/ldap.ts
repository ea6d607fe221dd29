import assert from 'node:assert/strict';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';

/** Gives users of a server a password, past policy and pages. */
export async function setPasswords(machine: string, users: string[], password: string): Promise<void> {
  const changes = users.map(
    (name) =>
      `dn: uid=${name},ou=users,dc=haven\nchangetype: modify\nreplace: userPassword\nuserPassword: ${password}\n`,
  );
  await modifyLdap(machine, changes.join('\n'));
}

/** Changes entries of a server's LDAP (LDIF, RFC 2849) with OpenLDAP's own tool, as root, who may change all. */
export async function modifyLdap(machine: string, ldif: string): Promise<void> {
  const modify = ['ldapmodify', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///'];
  await onMachine(machine, ['docker', 'exec', '-i', 'haven-ldap-slapd-1', ...modify], { input: ldif });
}

/** Does LDAP take this password? Asked with LDAP's own tool. */
export async function binds(machine: string, name: string, secret: string, unit = 'users'): Promise<boolean> {
  const dn = `uid=${name},ou=${unit},dc=haven`;
  const whoami = ['ldapwhoami', '-x', '-H', 'ldaps://127.0.0.1:636', '-D', dn, '-y', '/dev/stdin'];
  const container = ['docker', 'exec', '-i', '-e', 'LDAPTLS_REQCERT=never', 'haven-ldap-slapd-1'];
  const done = await tryOnMachine(machine, [...container, ...whoami], { input: secret });
  // 49 is "invalid credentials" (RFC 4511 §4.1.9) and also stands for a locked entry. Any other code is a real error.
  assert.ok(done.code === 0 || done.code === 49, done.stderr);
  return done.code === 0;
}

/** Locks a user of a server, or ends that, past the agent. The account of their programs follows before it answers. */
export async function setLocked(machine: string, name: string, isLocked: boolean): Promise<void> {
  const change = isLocked
    ? 'add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z'
    : 'delete: pwdAccountLockedTime';
  // The attribute is one that programs may not write (draft-zeilenga-ldap-relax).
  const modify = ['ldapmodify', '-Q', '-Y', 'EXTERNAL', '-e', 'relax', '-H', 'ldapi:///'];
  await onMachine(machine, ['docker', 'exec', '-i', 'haven-ldap-slapd-1', ...modify], {
    input: `dn: uid=${name},ou=users,dc=haven\nchangetype: modify\n${change}\n`,
  });
  await onMachine(machine, ['haven-agent', 'user-mirror']);
}
