import { styleText } from 'node:util';
import type { Unverified } from '../../components/provider/run-folder.ts';
import { shellQuoted } from '../../core/dns/conflicts.ts';
import type { MailElsewhere } from '../../core/dns/mail-elsewhere.ts';
import { type MonthlyCost, renderAmount } from '../../core/plan/cost.ts';
import type { ChangeLine } from '../../core/plan/describe-change.ts';
import type { OpenConflict } from '../../core/plan/describe-conflict.ts';
import { listImages, type ShownImages, summariseImages } from '../../core/plan/shown-images.ts';
import { collapseCreated, type PlanSummary, summarise } from '../../core/plan/summary.ts';

export interface ShownPlan {
  domain: string;
  isSandbox: boolean;
  /** Services that run as a stub here. */
  stubs: string[];
  /** Services whose program the sandbox built itself. */
  builtHere: string[];
  lines: ChangeLine[];
  /** Owner's records that are in the way, and wait for a decision. */
  conflicts: OpenConflict[];
  kept: number;
  cost: MonthlyCost | undefined;
  /** Why there is no cost, as a clause. */
  costUnknown?: string;
  /** What could not be asked, so what the plan says of it is old. */
  unverified: Unverified[];
  /** The owner's own records in the zones that are left unchanged. */
  foreign: number;
  /** The owner's mail at other companies, which is left there. */
  mail: MailElsewhere[];
  /** What the owner should know of how email leaves, one sentence each; left out if there is nothing. */
  outgoing?: string[];
  /** With what this cloud sends its own email: `mail.example.org, as no-reply@example.org`; left out if it sends none. */
  sending?: string;
  /** Zones that others can't trust yet, one sentence each. */
  dnssec: string[];
  /** Images that the server gets; left out if it gets none, and in a sandbox, which brings its own. */
  images?: ShownImages;
}

const signs = { create: '+', update: '~', replace: '±', delete: '-', keep: '=' } as const;
const verbs = {
  create: 'create',
  update: 'change',
  replace: 'replace',
  delete: 'remove',
  keep: 'keep',
} as const;
const colours = {
  create: 'green',
  update: 'yellow',
  replace: 'magenta',
  delete: 'red',
  keep: 'gray',
} as const;

/**
 * A plan as users read it: what it does in a few sentences, then its lines. Many things that are created are one line,
 * unless `details` are wanted. Colours only where a terminal shows them (styleText looks).
 */
export function renderPlan(plan: ShownPlan, { details = false }: { details?: boolean } = {}): string {
  const lines = details ? plan.lines : collapseCreated(plan.lines);
  const out: string[] = [
    '',
    styleText('bold', `Plan for ${plan.domain}`) +
      (plan.isSandbox ? styleText('gray', '  (sandbox: nothing of it is real)') : ''),
    '',
    ...renderSummary(summarise(plan.lines), plan.cost).map((each) => `  ${each}`.trimEnd()),
  ];
  const width = (pick: (line: ChangeLine) => string) =>
    Math.max(0, ...lines.map((line) => pick(line).length));
  const what = width((line) => line.what);
  const name = Math.min(
    44,
    width((line) => line.name),
  );
  for (const line of lines) {
    const head = `  ${signs[line.kind]} ${verbs[line.kind].padEnd(7)}  ${line.what.padEnd(what)}  ${line.name.padEnd(name)}`;
    out.push(`${styleText(colours[line.kind], head)}  ${line.detail}`.trimEnd());
    if (line.stops) out.push(styleText('yellow', `${' '.repeat(15 + what)}stops: ${line.stops}`));
    if (line.data && line.data !== 'none')
      out.push(
        styleText(
          line.data.startsWith('ALL') ? 'red' : 'gray',
          `${' '.repeat(15 + what)}data:  ${line.data}`,
        ),
      );
  }
  for (const each of plan.conflicts) {
    out.push(
      styleText('red', `  ! decide   DNS  ${each.name} ${each.type}`) +
        `  ${each.content} (yours, in the way of ${each.inTheWayOf.join(', ')})`,
    );
    if (each.becomes) out.push(`${' '.repeat(18)}with ours it becomes ${each.becomes}`);
    const flags = each.isAdoptable ? ['--adopt', '--replace'] : ['--replace'];
    for (const flag of flags) out.push(`${' '.repeat(18)}haven up ${flag} ${shellQuoted(each.key)}`);
  }
  if (plan.lines.length === 0 && plan.conflicts.length === 0) {
    out.push(
      plan.unverified.length > 0
        ? '  No change in what could be asked; not all of it could.'
        : '  No change: everything is as haven.yaml says.',
    );
  }
  out.push('');
  if (lines.length < plan.lines.length) out.push('  To see every line, run: haven plan --details');
  out.push(...renderImages(plan, details).map((each) => `  ${each}`));
  if (plan.kept > 0)
    out.push(`  ${plan.kept} ${plan.kept === 1 ? 'part' : 'parts'} of this cloud unchanged.`);
  if (plan.stubs.length > 0)
    out.push(
      styleText('gray', `  Using a stub, because no registry could be reached: ${plan.stubs.join(', ')}.`),
    );
  if (plan.builtHere.length > 0)
    out.push(
      styleText('gray', `  Built here, because no registry could be reached: ${plan.builtHere.join(', ')}.`),
    );
  if (plan.foreign > 0) out.push(`  ${plan.foreign} DNS records of your own are left unchanged.`);
  for (const { domain, at } of plan.mail)
    out.push(`  Mail of ${domain} stays at ${at}: its records are left unchanged.`);
  out.push(...(plan.outgoing ?? []).map((each) => `  ${each}`));
  if (plan.sending !== undefined) out.push(`  This cloud sends its own email by ${plan.sending}.`);
  out.push(...plan.dnssec.map((each) => `  ${each}`));
  out.push(...renderCost(plan).map((each) => `  ${each}`));
  for (const each of plan.unverified)
    out.push(styleText('yellow', `  Not verified since ${each.since}: ${each.what} (${each.why}).`));
  return `${out.join('\n')}\n`;
}

/** What the owner has to know before they agree. Empty if nothing changes. */
function renderSummary({ does, stops, minutes }: PlanSummary, cost: MonthlyCost | undefined): string[] {
  if (does.length === 0) return [];
  const added = cost && Math.abs(cost.added.net) >= 0.005 ? cost : undefined;
  return [
    ...does.map((each) => `${each}.`),
    stops.length === 0 ? 'Nothing stops.' : `Stops ${stops.join('; ')}.`,
    `It takes about ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`,
    ...(added ? [describeAdded(added)] : []),
    '',
  ];
}

/** What the server downloads and builds before its services change. */
function renderImages({ images, isSandbox, lines }: ShownPlan, details: boolean): string[] {
  const bringsServices = lines.some(({ what, kind }) => what === 'Service' && kind !== 'delete');
  if (!images) return isSandbox && bringsServices ? ['Images come from the sandbox.'] : [];
  return [summariseImages(images), ...(details ? listImages(images).map((each) => `  ${each}`) : [])];
}

/** What it costs, by whom and when it is billed, and what is not in it. */
function renderCost({ cost, costUnknown, isSandbox }: ShownPlan): string[] {
  if (!cost) return [`Price: not known now (${costUnknown ?? 'Hetzner gave no price'}).`];
  const { currency, vatPercent, parts } = cost;
  const each = parts.map(({ what, net }) => `${what} ${net.toFixed(2)}`).join(', ');
  return [
    `Costs ${renderAmount(cost, vatPercent, `${currency} a month`)} (the rate of your Hetzner account).${isSandbox ? ' These prices are made up.' : ''}`,
    `Without VAT: ${each}.`,
    'Billed by the hour, also while the server is off. Your domain is not included.',
  ];
}

function describeAdded({ added, vatPercent, currency }: MonthlyCost): string {
  const size = { net: Math.abs(added.net), gross: Math.abs(added.gross) };
  return `This change ${added.net > 0 ? 'adds' : 'saves'} ${renderAmount(size, vatPercent, `${currency} a month`)}.`;
}
