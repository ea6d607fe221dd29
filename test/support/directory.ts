import { onMachine } from '../../rehearsal/machine.ts';

/** Changes entries of a server's directory with OpenLDAP's own tool, as whoever may do anything there (LDIF, RFC 2849). */
export async function modifyDirectory(machine: string, ldif: string): Promise<void> {
  const modify = ['ldapmodify', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///'];
  await onMachine(machine, ['docker', 'exec', '-i', 'haven-directory-slapd-1', ...modify], { input: ldif });
}
