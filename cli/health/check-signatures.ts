import type { ServiceState } from '../../agent/operations/service-state.ts';
import { judgeSignatures } from '../../core/mail/virus-signatures.ts';
import type { ServiceStatus } from './service-status.ts';

/** How old the signatures of virus scanners are. `now` is the server's time. */
export const checkSignatures = (
  states: Pick<ServiceState, 'service' | 'switchedOff' | 'signaturesMadeAt'>[],
  now: number,
): ServiceStatus[] =>
  states.flatMap(({ service, switchedOff, signaturesMadeAt }) => {
    if (switchedOff || signaturesMadeAt === undefined) return [];
    const { isOld, what, fix } = judgeSignatures(service, signaturesMadeAt, now);
    return [{ service: 'antivirus', good: !isOld, evidence: isOld ? `${what}. ${fix}` : what }];
  });
