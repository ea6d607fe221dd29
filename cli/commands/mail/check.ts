import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import type { CertificateState } from '../../../agent/certificates/certificate.ts';
import { accountAuthority } from '../../../core/dns/account-authority.ts';
import type { OutputName } from '../../../core/dns/record.ts';
import type { WayMemory } from '../../../core/mail/choose-way.ts';
import type { MailSection } from '../../../core/mail/mail-check.ts';
import type { Outlook } from '../../../core/mail/preflight.ts';
import { nearest, ProblemsError } from '../../../core/problem.ts';
import { acmeSettings } from '../../../stacks/acme-account.ts';
import { HavenCommand } from '../../base-command.ts';
import { lookAtMail } from '../../health/look-at-mail.ts';
import { whileAsking } from '../../output/asking.ts';
import { exitCodes } from '../../output/exit-codes.ts';
import { renderMailChecks } from '../../output/mail-checks.ts';
import { noMailService } from '../../project/mail-service.ts';
import { Project } from '../../project/project.ts';
import { providerEnvironment } from '../../project/provider-environment.ts';
import { agentOf } from '../../project/server-link.ts';

export const output = z.array(
  z.strictObject({
    about: z.string(),
    checks: z.array(
      z.strictObject({
        what: z.string(),
        result: z.enum(['good', 'bad', 'unknown']),
        evidence: z.string(),
        remedy: z.string().optional(),
      }),
    ),
  }),
);

export default class MailCheck extends HavenCommand {
  static override summary = 'Check mail as others see it: records, ports, and the way out.';
  static override description =
    'Asks the DNS for each record, asks your DNS provider about DNSSEC, connects to each port over IPv4 and IPv6 as a stranger, and lets the server try to reach others. Sends nothing. Exit code: 0 if nothing is wrong, 1 if something is, 3 if the server does not answer.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> example.org',
  ];
  static override args = {
    domain: Args.string({ description: 'One domain whose mail this cloud receives. Default: all of them.' }),
  };

  static override flags = { details: Flags.boolean({ summary: 'Show what was seen in each check, too.' }) };

  async run(): Promise<MailSection[]> {
    const { args, flags } = await this.parse(MailCheck);
    const project = await Project.open();
    const plan = project.plan();
    if (!plan.mail) throw noMailService();
    const { host, domains, sending, pop3 } = plan.mail;
    const agent = await agentOf(project);
    const [outlooks, certificates, way] = await whileAsking('the server', () =>
      Promise.all([
        agent.ask<Outlook[]>(['look-outward']),
        agent.ask<CertificateState[]>(['certificates']),
        sending.relay ? agent.call<WayMemory | null>(['mail-way']) : null,
      ]),
    );
    const sections = await whileAsking('the DNS and the mail server', () =>
      lookAtMail({
        host,
        domains,
        ...(args.domain === undefined ? {} : { asked: [chosen(args.domain.toLowerCase(), domains)] }),
        records: plan.records,
        outputs: { ...keysOf(certificates), ...authorityOf(project) },
        zones: plan.zones,
        environment: providerEnvironment(project),
        fixedPages: plan.releases.flatMap(({ bundle }) => bundle.release.fixedPages ?? []),
        outlooks,
        sending,
        pop3,
        way: way ?? undefined,
      }),
    );
    this.log(renderMailChecks(sections, flags));
    if (sections.some(({ checks }) => checks.some(({ result }) => result === 'bad')))
      process.exitCode = exitCodes.failed;
    return sections;
  }
}

/** What the DNS has to say about the keys of certificates. */
const keysOf = (certificates: CertificateState[]): Partial<Record<OutputName, string>> =>
  Object.fromEntries(
    certificates.flatMap(({ name, keys }) => [
      [`tlsa-a:${name}`, keys.a],
      [`tlsa-b:${name}`, keys.b],
    ]),
  );

/** What the DNS has to say about who certifies; nothing before an account is registered. */
function authorityOf(project: Project): Partial<Record<OutputName, string>> {
  const { directory, caaIdentity } = acmeSettings();
  const accountUrl = project.pins.acme?.[directory];
  return accountUrl === undefined ? {} : { 'acme-account': accountAuthority(caaIdentity, accountUrl) };
}

function chosen(domain: string, domains: string[]): string {
  if (domains.includes(domain)) return domain;
  const meant = nearest(domain, domains);
  throw new ProblemsError([
    {
      where: domain,
      what: `is not a domain whose mail this cloud receives (${domains.join(', ')}).`,
      remedy: `Run: haven mail check${meant ? ` ${meant}` : ''}`,
    },
  ]);
}
