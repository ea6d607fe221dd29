import { agentHandler } from './agent-handler.ts';
import { alarmsHandler } from './alarms-handler.ts';
import { backupsHandler } from './backups-handler.ts';
import { certificateHandler } from './certificate-handler.ts';
import { mailPreflightHandler } from './mail-preflight-handler.ts';
import { manualRecordHandler } from './manual-record-handler.ts';
import { releaseHandler } from './release-handler.ts';
import type { ProviderSpec } from './serve.ts';
import { serverLooks } from './server-look.ts';
import { setUpHandler } from './set-up-handler.ts';
import { zoneSigningHandler } from './zone-signing-handler.ts';

/** Our own provider: resources that the agent keeps, and records that an owner enters by hand, zones that are signed. */
export const havenProvider: ProviderSpec = {
  name: 'haven',
  version: '0.1.0',
  /** Each run of the engine begins with it. */
  configure: () => serverLooks.begin(),
  resources: {
    'haven:index:Agent': agentHandler,
    'haven:index:SetUp': setUpHandler,
    'haven:index:Release': releaseHandler,
    'haven:index:Alarms': alarmsHandler,
    'haven:index:Backups': backupsHandler,
    'haven:index:MailPreflight': mailPreflightHandler,
    'haven:index:ManualRecord': manualRecordHandler,
    'haven:index:ZoneSigning': zoneSigningHandler,
    'haven:index:Certificate': certificateHandler,
  },
};
