import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { realm, signingAlgorithm } from '../../core/users/login.ts';

/**
 * Has the login make the key with which it signs tokens. Keycloak 26 gives a new realm keys for RS256 only, and makes one for
 * another algorithm when it signs the first token; services that check tokens themselves need it before.
 */
export async function ensureSigningKey(admin: KcAdminClient): Promise<void> {
  const { keys = [] } = await admin.realms.getKeys({ realm });
  if (keys.some(({ algorithm, status }) => algorithm === signingAlgorithm && status === 'ACTIVE')) return;
  await admin.components.create({
    name: 'signing',
    providerId: 'ecdsa-generated',
    providerType: 'org.keycloak.keys.KeyProvider',
    config: { priority: ['100'], enabled: ['true'], active: ['true'], ecdsaEllipticCurveKey: ['P-256'] },
  });
}
