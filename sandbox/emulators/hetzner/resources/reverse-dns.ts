import { z } from 'zod';
import type { ApiAnswer } from '../../http-api.ts';
import { beginAction } from '../project/begin-action.ts';
import type { Project } from '../project/project.ts';
import type { Action, PrimaryIp } from '../project/state.ts';
import { created } from '../protocol/answers.ts';
import { parseBody } from '../protocol/body.ts';
import { invalid } from '../protocol/errors.ts';

const body = z.strictObject({ ip: z.string(), dns_ptr: z.string().nullable() });
const hostName = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i;

/** The name that an address points back to while nobody has set one. */
export const defaultPointer = (ipv4: string): string =>
  `static.${ipv4.split('.').reverse().join('.')}.clients.your-server.test`;

/** `change_dns_ptr` of an address, or of a server for the addresses that it has. */
export function changePointer(
  project: Project,
  resource: Action['resources'][number],
  owned: PrimaryIp[],
  given: unknown,
): ApiAnswer {
  const { ip, dns_ptr } = parseBody(body, given);
  const owner = owned.find((each) => holds(each, ip));
  if (!owner) throw invalid('ip', `${ip} does not belong to it`);
  if (dns_ptr !== null && !hostName.test(dns_ptr)) throw invalid('dns_ptr', 'is not a valid host name');
  owner.dns_ptr = owner.dns_ptr.filter((each) => each.ip !== ip);
  if (dns_ptr !== null) owner.dns_ptr.push({ ip, dns_ptr });
  else if (owner.type === 'ipv4') owner.dns_ptr.push({ ip, dns_ptr: defaultPointer(ip) });
  const work = () => project.dataCentre.setPointer(ip, dns_ptr);
  return created({ action: beginAction(project, 'change_dns_ptr', [resource], work) });
}

const holds = ({ type, ip: own }: PrimaryIp, ip: string): boolean =>
  type === 'ipv4' ? own === ip : ip.startsWith(own.replace('::/64', ':'));
