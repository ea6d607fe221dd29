import { randomBytes } from 'node:crypto';
import {
  type Properties,
  type ProviderSpec,
  type ResourceHandler,
  serveProvider,
  unknownValue,
} from '../../components/provider/serve.ts';
import { connect, execute } from '../../system/ssh.ts';
import { differences } from './properties/differences.ts';

/** Runs a command of remote.Command over SSH; its output is the resource's. */
async function run(inputs: Properties, command: unknown): Promise<Properties> {
  if (typeof command !== 'string') return { ...inputs, stdout: '', stderr: '' };
  const connection = inputs.connection as Record<string, string | number>;
  const client = await connect({
    host: String(connection.host),
    user: String(connection.user ?? 'root'),
    privateKey: String(connection.privateKey),
    hostKey: String(connection.hostKey ?? ''),
    port: Number(connection.port ?? 22),
  });
  try {
    const result = await execute(client, command, String(inputs.stdin ?? ''));
    if (result.code !== 0)
      throw new Error(
        `Process exited with status ${result.code}: running "${command}":\n${result.stdout}${result.stderr}`,
      );
    return { ...inputs, stdout: result.stdout.replace(/\n$/, ''), stderr: result.stderr.replace(/\n$/, '') };
  } finally {
    client.end();
  }
}

const remoteCommand: ResourceHandler = {
  diff: (_id, _outputs, inputs, old) => differences(inputs, old, { replaces: ['triggers'] }),
  async create(inputs, preview) {
    if (preview) return { id: '', outputs: { ...inputs, stdout: unknownValue, stderr: unknownValue } };
    return { id: `command${randomBytes(4).toString('hex')}`, outputs: await run(inputs, inputs.create) };
  },
  // The official plugin can't look either: there is no drift for a command.
  read: async (id, outputs, inputs) => ({ id, outputs, inputs }),
  async update(_id, outputs, inputs, preview) {
    if (preview) return { ...outputs, ...inputs };
    return run(inputs, inputs.update ?? inputs.create);
  },
  async delete(_id, outputs) {
    await run(outputs, outputs.delete);
  },
};

/**
 * An emulator of the official plugin `command` 1.2.1, for machines that cannot download it: remote.Command, with its
 * rules (any changed input runs it again, changed triggers replace it).
 */
export const commandPlugin: ProviderSpec = {
  name: 'command (sandbox)',
  version: '1.2.1',
  resources: { 'command:remote:Command': remoteCommand },
};

if (import.meta.main) await serveProvider(commandPlugin);
