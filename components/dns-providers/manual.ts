import type { DnsProvider } from '../dns-provider.ts';

/** Any provider that we can't write to: the owner enters what we show, and we check whether DNS answers with it. */
export default {
  id: 'manual',
  title: 'Another provider: haven shows the records, you enter them, haven checks them',
  description: 'haven shows the records for you to enter at your provider, and checks them',
  resource: {
    type: 'haven:index:ManualRecord',
    version: '0.1.0',
    describe: ({ name, type, content }) => ({
      name: String(name),
      type: String(type),
      content: typeof content === 'string' ? content : '',
    }),
  },
  async loadProgram() {
    const { ManualRecord } = await import('../haven-resources.ts');
    return ({ key, record: { name, type, reason }, content }, options) =>
      new ManualRecord(key, { name, type, reason, content }, options);
  },
} satisfies DnsProvider;
