import KcAdminClient from '@keycloak/keycloak-admin-client';
import { canonical, type Release, type ReleaseLogin } from '../../core/release/release.ts';
import { ldap } from '../../core/users/ldap.ts';
import { dependencies, realm } from '../../core/users/login.ts';
import type { RealmFile } from '../../core/users/realm-file.ts';
import { loadBundle } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { runningRelease } from '../store/running.ts';
import { secretOf } from '../store/secrets.ts';
import { applyGroupRoles, showGroupRole, showsGroupRole } from './group-roles.ts';
import { ensureSigningKey } from './signing-key.ts';

/** Address and credentials of the login's administration. */
export interface KeycloakAccess {
  port: number;
  adminSecret: string;
}

export function accessOf(layout: Layout, release: Release): KeycloakAccess {
  const port = release.network.kind === 'bridge' ? release.network.loopbackPorts.http : undefined;
  return { port: port!, adminSecret: secretOf(layout, release, 'admin-secret') };
}

/** Access to the running login's administration. Throws when there is no login, or when it is being changed. */
export function runningKeycloak(layout: Layout): KeycloakAccess {
  const hash = runningRelease(layout, dependencies.login);
  return accessOf(layout, loadBundle(layout, dependencies.login, hash).release);
}

/**
 * Keycloak's Admin REST API over loopback, as the agent's own service account in the master realm. Its tokens are valid
 * for a minute and cannot be refreshed (RFC 6749 §4.4.3), so work that takes longer gets a new one.
 */
export async function openKeycloak({ port, adminSecret }: KeycloakAccess): Promise<KcAdminClient> {
  const baseUrl = `http://127.0.0.1:${port}`;
  const session = new KcAdminClient({ baseUrl, realmName: 'master' });
  const authenticate = () =>
    session.auth({ grantType: 'client_credentials', clientId: 'haven-agent', clientSecret: adminSecret });
  await authenticate();
  const admin = new KcAdminClient({ baseUrl, realmName: realm });
  admin.registerTokenProvider({
    async getAccessToken() {
      if (session.isTokenExpired()) await authenticate();
      return session.accessToken;
    },
  });
  return admin;
}

/** Updates the realm to match the file. Safe to run again; anything the file doesn't name is left unchanged. */
export async function applyRealm(
  admin: KcAdminClient,
  wanted: RealmFile,
  bind: { dn: string; password: string },
) {
  const there = await admin.realms.findOne({ realm });
  if (there) await admin.realms.update({ realm }, wanted.realm);
  else await admin.realms.create(wanted.realm);
  await ensureSigningKey(admin);
  await applyRequiredActions(admin, wanted.requiredActions);
  await applyBrowserFlow(admin, wanted.browserFlow);
  await applyClientScopes(admin, wanted.clientScopes);
  await applyFederation(admin, wanted.federation, bind);
  await applyGroupRoles(admin, wanted.groupRoles);
  await applyAdministration(admin, wanted.administration);
}

async function applyRequiredActions(admin: KcAdminClient, names: string[]): Promise<void> {
  const known = await admin.authenticationManagement.getRequiredActions();
  const available = await admin.authenticationManagement.getUnregisteredRequiredActions();
  for (const name of names) {
    const unregistered = available.find((each) => each.providerId === name);
    if (unregistered)
      await admin.authenticationManagement.registerRequiredAction({
        providerId: name,
        name: unregistered.name ?? name,
      });
    const action = known.find((each) => each.alias === name) ?? { alias: name, providerId: name };
    if (action.enabled) continue;
    await admin.authenticationManagement.updateRequiredAction(
      { alias: name },
      { name, ...unregistered, ...action, enabled: true },
    );
  }
}

async function applyBrowserFlow(admin: KcAdminClient, wanted: RealmFile['browserFlow']): Promise<void> {
  const flow = 'browser';
  const steps = await admin.authenticationManagement.getExecutions({ flow });
  for (const [provider, requirement] of Object.entries(wanted)) {
    const step = steps.find((each) => each.providerId === provider);
    if (!step) throw new Error(`The login has no step "${provider}" in its flow "${flow}".`);
    if (step.requirement !== requirement)
      await admin.authenticationManagement.updateExecution({ flow }, { ...step, requirement });
  }
}

async function applyClientScopes(admin: KcAdminClient, scopes: RealmFile['clientScopes']): Promise<void> {
  const there = await admin.clientScopes.find();
  for (const { name, mappers } of scopes) {
    const protocolMappers = mappers as { name: string }[];
    const known = there.find((each) => each.name === name);
    if (!known?.id) {
      await admin.clientScopes.create({ name, protocol: 'openid-connect', protocolMappers });
      continue;
    }
    for (const mapper of protocolMappers) {
      const same = known.protocolMappers?.find((each) => each.name === mapper.name);
      if (same?.id)
        await admin.clientScopes.updateProtocolMapper(
          { id: known.id, mapperId: same.id },
          { ...same, ...mapper },
        );
      else await admin.clientScopes.addProtocolMapper({ id: known.id }, mapper);
    }
  }
}

async function applyFederation(
  admin: KcAdminClient,
  { name, config, mappers }: RealmFile['federation'],
  bind: { dn: string; password: string },
): Promise<void> {
  const type = 'org.keycloak.storage.UserStorageProvider';
  const asLists = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, [value]]));
  const wanted = {
    name,
    providerId: 'ldap',
    providerType: type,
    config: asLists({ ...config, bindDn: bind.dn, bindCredential: bind.password }),
  };
  const [known] = await admin.components.find({ name, type });
  if (known?.id) await admin.components.update({ id: known.id }, { ...known, ...wanted });
  else await admin.components.create(wanted);
  const parent = known?.id ?? (await admin.components.find({ name, type }))[0]!.id!;
  const there = await admin.components.find({ parent });
  for (const mapper of mappers) {
    const full = {
      ...mapper,
      parentId: parent,
      providerType: 'org.keycloak.storage.ldap.mappers.LDAPStorageMapper',
      config: asLists(mapper.config),
    };
    const same = there.find((each) => each.name === mapper.name);
    if (same?.id) await admin.components.update({ id: same.id }, { ...same, ...full });
    else await admin.components.create(full);
  }
  await syncGroups(admin, parent);
}

/** Imports LDAP's groups. Existing groups are never removed. */
async function syncGroups(admin: KcAdminClient, parent: string): Promise<void> {
  const mapper = (await admin.components.find({ parent })).find(
    (each) => each.providerId === 'group-ldap-mapper',
  );
  if (mapper?.id)
    await admin.userStorageProvider.mappersSync({
      parentId: parent,
      id: mapper.id,
      direction: 'fedToKeycloak',
    });
}

/** Makes changes in LDAP visible at once: imports groups and looks users up again. */
export async function noticeLdap(admin: KcAdminClient): Promise<void> {
  const [federation] = await admin.components.find({ type: 'org.keycloak.storage.UserStorageProvider' });
  if (federation?.id) await syncGroups(admin, federation.id);
  await admin.cache.clearUserCache({ realm });
}

/**
 * Tells the login about renamed users. Keycloak looks users up by name, so it can't find one it knows under the old
 * name; a sync of what changed since the last one fixes that (Keycloak 26, LDAPStorageProviderFactory).
 */
export async function noticeNames(admin: KcAdminClient): Promise<void> {
  const [federation] = await admin.components.find({ type: 'org.keycloak.storage.UserStorageProvider' });
  if (!federation?.id) throw new Error('The login is not connected to LDAP. Run: haven up');
  await admin.userStorageProvider.sync({ id: federation.id, action: 'triggerChangedUsersSync' });
  await admin.cache.clearUserCache({ realm });
}

async function applyAdministration(admin: KcAdminClient, wanted: RealmFile['administration']): Promise<void> {
  const [management] = await admin.clients.find({ clientId: 'realm-management' });
  if (!management?.id) return;
  for (const [groupName, roles] of Object.entries(wanted)) {
    const [group] = await admin.groups.find({ search: groupName, exact: true });
    if (!group?.id) continue;
    for (const role of roles) {
      const found = await admin.clients.findRole({ id: management.id, roleName: role });
      if (found?.id && found.name)
        await admin.groups.addClientRoleMappings({
          id: group.id,
          clientUniqueId: management.id,
          roles: [{ id: found.id, name: found.name }],
        });
    }
  }
}

/** A service's client: confidential, with the authorization code flow; PKCE is up to the program (RFC 9700). */
function clientOf(service: string, login: ReleaseLogin, secret: string) {
  return {
    clientId: service,
    name: service,
    protocol: 'openid-connect',
    enabled: true,
    publicClient: false,
    clientAuthenticatorType: 'client-secret',
    secret,
    standardFlowEnabled: true,
    implicitFlowEnabled: false,
    directAccessGrantsEnabled: false,
    serviceAccountsEnabled: false,
    frontchannelLogout: false,
    fullScopeAllowed: false,
    ...(login.check ? { rootUrl: login.check.origin, baseUrl: '/' } : {}),
    redirectUris: login.redirectUris,
    webOrigins: [],
    // Only pages of these hosts: after logging out nobody can be sent elsewhere.
    attributes: {
      'post.logout.redirect.uris': login.redirectUris.map((each) => `${new URL(each).origin}/*`).join('##'),
    },
    defaultClientScopes: ['basic', 'profile', 'email', 'groups', ...(login.scopes ?? [])],
    optionalClientScopes: [],
  };
}

export async function applyClient(
  admin: KcAdminClient,
  service: string,
  login: ReleaseLogin,
  secret: string,
): Promise<void> {
  const wanted = clientOf(service, login, secret);
  const [known] = await admin.clients.find({ clientId: service });
  if (known?.id) await admin.clients.update({ id: known.id }, { ...known, ...wanted });
  const id = known?.id ?? (await admin.clients.create(wanted)).id;
  await showGroupRole(admin, id, ldap.admins);
}

/** Whether a service's client is missing, or is not as its release says. Keycloak adds attributes of its own. */
export async function clientDiffers(
  admin: KcAdminClient,
  service: string,
  login: ReleaseLogin,
  secret: string,
): Promise<boolean> {
  const [known] = await admin.clients.find({ clientId: service });
  if (!known?.id) return true;
  const { attributes, ...wanted } = clientOf(service, login, secret);
  const there = known as Record<string, unknown>;
  const differs = (a: unknown, b: unknown): boolean => canonical(sorted(a)) !== canonical(sorted(b));
  return (
    Object.entries(wanted).some(([key, value]) => differs(there[key], value)) ||
    Object.entries(attributes).some(([key, value]) => differs(known.attributes?.[key], value)) ||
    !(await showsGroupRole(admin, known.id, ldap.admins))
  );
}

/** Lists of addresses and scopes have no order. */
const sorted = (value: unknown): unknown => (Array.isArray(value) ? value.toSorted() : (value ?? null));

export async function removeClient(admin: KcAdminClient, service: string): Promise<void> {
  const [known] = await admin.clients.find({ clientId: service });
  if (known?.id) await admin.clients.del({ id: known.id });
}
