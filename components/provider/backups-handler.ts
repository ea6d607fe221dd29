import type { BackupPut } from '../../agent/backups/backup-commands.ts';
import type { BackupOrder, BackupSettings } from '../../core/backups/backup-settings.ts';
import { agentOf, orUnverified } from './agent-link.ts';
import { changedOf } from './changed-of.ts';
import { RunFolder } from './run-folder.ts';
import type { Properties, ResourceHandler } from './serve.ts';
import { serverLooks } from './server-look.ts';

/**
 * Where a server's backups go. Secrets are sent to the agent alone: inputs and outputs have their generations. A new
 * server gets them again, because they are on its own disk and not on the volume.
 */
async function put(inputs: Properties): Promise<Properties> {
  const run = RunFolder.fromEnvironment();
  const agent = agentOf(inputs);
  const order = backupOrder(inputs.settings as unknown as BackupSettings, (name) => run.given(name));
  serverLooks.forget();
  await agent.takeLock(run.claimOn(String(inputs.host)));
  const put: BackupPut = run.isRecovery ? { ...order, recover: true } : order;
  await agent.call(['backup-put'], JSON.stringify(put), (line) => run.noteProgress('backups', line));
  return { ...inputs, verifiedAt: new Date().toISOString() };
}

/** What the server is sent. Throws if a secret has no value: without it no backup can be made. */
export function backupOrder(
  settings: BackupSettings,
  given: (name: string) => string | undefined,
): BackupOrder {
  const secrets = Object.keys(settings.secrets).map((name) => {
    const value = given(name);
    if (value === undefined)
      throw new Error(
        `${name} is not in secrets.age, and backups need it. Nothing was changed. Run: haven up`,
      );
    return [name, value] as const;
  });
  return { settings, secrets: Object.fromEntries(secrets) };
}

export const backupsHandler: ResourceHandler = {
  diff: (_id, outputs, inputs) => ({ changed: changedOf(['server', 'settings'], outputs, inputs) }),
  async create(inputs, preview) {
    return { id: 'backups', outputs: preview ? inputs : await put(inputs) };
  },
  async read(id, outputs, inputs) {
    return orUnverified('backups', { id, outputs, inputs }, async () => {
      const settings = await serverLooks.backups(agentOf({ ...outputs, ...inputs }, 3000));
      return settings
        ? { id, inputs, outputs: { ...outputs, settings: settings as unknown as Properties } }
        : undefined;
    });
  },
  async update(_id, outputs, inputs, preview) {
    return preview ? { ...outputs, ...inputs } : put(inputs);
  },
  async delete(_id, outputs) {
    await agentOf(outputs).call(['backup-remove']);
  },
};
