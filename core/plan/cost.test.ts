import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examplePlan as plan } from '../../test/support/example-plan.ts';
import { monthlyCost } from './cost.ts';

test("the monthly cost follows the provider's prices", () => {
  const at = (gross: string) => [{ location: 'fsn1', price_monthly: { gross } }];
  const cost = monthlyCost(plan, {
    currency: 'EUR',
    server_types: [{ name: 'cx23', prices: at('4.15') }],
    primary_ips: [{ type: 'ipv4', prices: at('0.6') }],
    volume: { price_per_gb_month: { gross: '0.05' } },
  });
  assert.equal(cost.total.toFixed(2), '5.75');
});
