import { onMachine } from '../../sandbox/machine/machine.ts';

/** Gives users of a server a password, past policy and pages. */
export async function setPasswords(machine: string, users: string[], password: string): Promise<void> {
  const changes = users.map(
    (name) =>
      `dn: uid=${name},ou=users,dc=haven\nchangetype: modify\nreplace: userPassword\nuserPassword: ${password}\n`,
  );
  await modifyLdap(machine, changes.join('\n'));
}

/** Changes entries of a server's LDAP with OpenLDAP's own tool, as whoever may do anything there (LDIF, RFC 2849). */
export async function modifyLdap(machine: string, ldif: string): Promise<void> {
  const modify = ['ldapmodify', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///'];
  await onMachine(machine, ['docker', 'exec', '-i', 'haven-ldap-slapd-1', ...modify], { input: ldif });
}
