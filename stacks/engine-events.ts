import { isDeepStrictEqual } from 'node:util';
import * as automation from '@pulumi/pulumi/automation/index.js';
import { providerOfResource } from '../components/dns-providers.ts';
import { type Change, changeKind } from '../core/plan/changes.ts';

/** What happens while the engine works. */
export type EngineEvent =
  | { event: 'begun' | 'done' | 'failed'; change: Change }
  | { event: 'message'; severity: 'info' | 'warning' | 'error'; text: string }
  /** A provider makes the run wait; `text` says which, and for how long. */
  | { event: 'waits'; text: string };

export interface EngineResult {
  changes: Change[];
  /** What the program exports: the server's addresses. */
  outputs: Record<string, unknown>;
  /** What went wrong, once each. */
  errors: string[];
  /** What a refresh found to be other than the state says, by name. The run itself knows; a preview keeps none of it. */
  drifted: string[];
}

export const nameOf = (urn: string): string => urn.split('::').at(-1) ?? urn;
export const isOurs = (type: string): boolean =>
  !type.startsWith('pulumi:') && !type.startsWith('haven:component:');

/** A release as the engine knows it. */
export const releaseType = 'haven:index:Release';
export const releaseName = (service: string): string => `release-${service}`;
export const serviceOf = (name: string): string => name.slice(releaseName('').length);

/** The service whose release an event changes; undefined for every other event. */
export const releaseOf = (event: EngineEvent): string | undefined =>
  'change' in event && event.change.type === releaseType && event.change.kind !== 'keep'
    ? serviceOf(event.change.name)
    : undefined;

/** Inputs as a plan shows them: a DNS record is the same at every provider, so its provider says what they mean. */
export const readable = (type: string, inputs: Record<string, unknown>): Record<string, unknown> =>
  providerOfResource(type)?.resource.describe(inputs) ?? inputs;

/** Runs the engine and gathers what its events tell. */
export async function collect(
  onEvent: (event: EngineEvent) => void,
  work: (handler: (event: automation.EngineEvent) => void) => Promise<unknown>,
): Promise<EngineResult> {
  const changes = new Map<string, Change>();
  const errors: string[] = [];
  const drifted = new Set<string>();
  let outputs: Record<string, unknown> = {};
  const handler = (event: automation.EngineEvent): void => {
    const step = event.resourcePreEvent ?? event.resOutputsEvent ?? event.resOpFailedEvent;
    if (step) {
      const { metadata } = step;
      if (metadata.type === 'pulumi:pulumi:Stack') outputs = metadata.new?.outputs ?? outputs;
      if (event.resOutputsEvent && hasDrifted(metadata)) drifted.add(nameOf(metadata.urn));
      const kind = changeKind(metadata.op);
      if (!kind || !isOurs(metadata.type)) return;
      const stopped = metadata.old?.outputs?.stoppedSeconds as unknown;
      const differs = metadata.old?.outputs?.differs as unknown;
      const change: Change = {
        kind,
        type: metadata.type,
        name: nameOf(metadata.urn),
        properties: Object.keys(metadata.detailedDiff ?? {}).sort(),
        ...(metadata.old?.inputs ? { before: readable(metadata.type, metadata.old.inputs) } : {}),
        ...(metadata.new?.inputs ? { after: readable(metadata.type, metadata.new.inputs) } : {}),
        ...(typeof stopped === 'number' ? { stoppedSeconds: stopped } : {}),
        ...(Array.isArray(differs) ? { differs: differs as string[] } : {}),
      };
      changes.set(`${metadata.urn}`, change);
      onEvent({
        event: event.resourcePreEvent ? 'begun' : event.resOpFailedEvent ? 'failed' : 'done',
        change,
      });
    }
    const message = event.diagnosticEvent;
    if (message && !message.ephemeral && (message.severity as string) !== 'debug') {
      const text = plain(message.message);
      if (
        message.severity === 'error' &&
        text !== '' &&
        !/^update failed|^preview failed/.test(text) &&
        !errors.includes(text)
      )
        errors.push(text);
      if (text !== '') {
        onEvent({
          event: 'message',
          severity:
            message.severity === 'error' ? 'error' : message.severity === 'warning' ? 'warning' : 'info',
          text,
        });
      }
    }
  };
  try {
    await work(handler);
  } catch (error) {
    if (error instanceof automation.ConcurrentUpdateError) throw error;
    if (errors.length === 0) errors.push(lastLines(error));
  }
  return { changes: [...changes.values()], outputs, errors, drifted: [...drifted] };
}

/**
 * Outputs that another resource sets after this one was created, so that the first refresh always finds them changed.
 * An address learns of its server when that is created. The program sets none of them and reads none of them.
 */
const setLater: Record<string, string[]> = { 'hcloud:index/primaryIp:PrimaryIp': ['assigneeId'] };

/** Did a refresh read something other than the state says, or nothing at all? */
function hasDrifted({ op, type, old, new: seen }: automation.StepEventMetadata): boolean {
  if (op !== 'refresh') return false;
  const facts = (each: automation.StepEventStateMetadata | undefined) => {
    if (!each) return undefined;
    const outputs = Object.entries(each.outputs ?? {}).filter(([name]) => !setLater[type]?.includes(name));
    return { id: each.id, inputs: each.inputs, outputs: Object.fromEntries(outputs) };
  };
  return !isDeepStrictEqual(facts(old), facts(seen));
}

/** Without the engine's colour marks, and without its own prefix of where in its program a resource stands. */
const plain = (text: string): string => text.replaceAll(/<\{%[^%]*%\}>/g, '').trim();
const lastLines = (error: unknown): string =>
  plain(error instanceof Error ? error.message : String(error))
    .split('\n')
    .slice(-12)
    .join('\n');
