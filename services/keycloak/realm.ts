import { smtpServerOf } from '../../core/config/sending.ts';
import { mailScope } from '../../core/mail/inner-doors.ts';
import type { ServiceContext } from '../../core/service.ts';
import { checkAccounts } from '../../core/users/check-accounts.ts';
import { ldap } from '../../core/users/ldap.ts';
import { realm, signingAlgorithm } from '../../core/users/login.ts';
import type { Mapper, RealmFile } from '../../core/users/realm-file.ts';

const hour = 3600;
const day = 24 * hour;

export function realmOf(
  options: { name: string; sessionHours: number; minimumPasswordLength: number },
  { domain, host, owner, sending }: Pick<ServiceContext, 'domain' | 'host' | 'owner' | 'sending'>,
): RealmFile {
  const name = options.name || domain;
  return {
    realm: {
      realm,
      enabled: true,
      displayName: name,
      displayNameHtml: '',
      loginTheme: 'haven',
      accountTheme: 'haven',
      // The reverse proxy ends TLS; the connection from it to Keycloak never leaves the server.
      sslRequired: 'external',
      registrationAllowed: false,
      registrationEmailAsUsername: false,
      editUsernameAllowed: false,
      rememberMe: true,
      loginWithEmailAllowed: true,
      duplicateEmailsAllowed: false,
      resetPasswordAllowed: false,
      verifyEmail: false,
      smtpServer: smtpServerOf(sending, name, owner),
      internationalizationEnabled: true,
      supportedLocales: ['en', 'de'],
      defaultLocale: 'en',
      passwordPolicy: `length(${options.minimumPasswordLength}) and maxLength(128) and notUsername(undefined) and notEmail(undefined) and passwordBlacklist(common.txt)`,
      // A stranger's wrong passwords lock an account too, so a lock must not keep its user out. With locks of 30 s to
      // 5 minutes after 10 wrong passwords, one address that sent 100 a minute had 18 of 19 right logins refused. From
      // the 100th on (the most that NIST SP 800-63B §5.2.2 allows) each now locks for a second: at the same pace users
      // got in at the first or second try, and nobody can try more than one password a second.
      bruteForceProtected: true,
      permanentLockout: false,
      bruteForceStrategy: 'MULTIPLE',
      failureFactor: 100,
      waitIncrementSeconds: 1,
      maxFailureWaitSeconds: 1,
      // Two wrong passwords at the same moment would lock the account, too.
      minimumQuickLoginWaitSeconds: 0,
      quickLoginCheckMilliSeconds: 0,
      maxDeltaTimeSeconds: 12 * hour,
      // Tokens and their signatures are kept small (RFC 7518 §3.4): some mail clients send them in one line.
      defaultSignatureAlgorithm: signingAlgorithm,
      accessTokenLifespan: 5 * 60,
      ssoSessionIdleTimeout: options.sessionHours * hour,
      ssoSessionMaxLifespan: 30 * day,
      ssoSessionIdleTimeoutRememberMe: 30 * day,
      ssoSessionMaxLifespanRememberMe: 90 * day,
      revokeRefreshToken: false,
      // An audit has to know who logged in and who changed what (kept for 90 days).
      eventsEnabled: true,
      eventsExpiration: 90 * day,
      // Also in the log, where guesses are counted (service.ts, failedLogins).
      eventsListeners: ['jboss-logging'],
      adminEventsEnabled: true,
      adminEventsDetailsEnabled: false,
      otpPolicyType: 'totp',
      otpPolicyAlgorithm: 'HmacSHA1',
      otpPolicyDigits: 6,
      otpPolicyPeriod: 30,
      // The previous and the next code are valid too, for slow typing and clocks that differ (RFC 6238 §5.2).
      otpPolicyLookAheadWindow: 1,
      // Passkeys (WebAuthn Level 2): stored on the device, unlocked with its own PIN or fingerprint.
      webAuthnPolicyPasswordlessRpEntityName: name,
      webAuthnPolicyPasswordlessRpId: host ?? '',
      webAuthnPolicyPasswordlessSignatureAlgorithms: ['ES256', 'RS256'],
      webAuthnPolicyPasswordlessRequireResidentKey: 'Yes',
      webAuthnPolicyPasswordlessUserVerificationRequirement: 'required',
      webAuthnPolicyPasswordlessPasskeysEnabled: true,
      browserSecurityHeaders: {
        contentSecurityPolicy: "frame-src 'self'; frame-ancestors 'self'; object-src 'none';",
        xFrameOptions: 'SAMEORIGIN',
        xContentTypeOptions: 'nosniff',
        referrerPolicy: 'no-referrer',
        strictTransportSecurity: 'max-age=31536000',
      },
    },
    requiredActions: [
      'CONFIGURE_TOTP',
      'UPDATE_PASSWORD',
      'webauthn-register-passwordless',
      'CONFIGURE_RECOVERY_AUTHN_CODES',
    ],
    // Without this the account console offers no recovery codes, and the login accepts none.
    browserFlow: { 'auth-recovery-authn-code-form': 'ALTERNATIVE' },
    clientScopes: [
      {
        name: 'groups',
        mappers: [
          {
            name: 'groups',
            protocol: 'openid-connect',
            protocolMapper: 'oidc-group-membership-mapper',
            config: {
              'claim.name': 'groups',
              'full.path': 'false',
              'id.token.claim': 'true',
              'access.token.claim': 'false',
              'userinfo.token.claim': 'true',
            },
          },
          // Adds to the same claim the roles of `groupRoles`.
          {
            name: 'group roles',
            protocol: 'openid-connect',
            protocolMapper: 'oidc-usermodel-realm-role-mapper',
            config: {
              'claim.name': 'groups',
              'jsonType.label': 'String',
              multivalued: 'true',
              'id.token.claim': 'true',
              'access.token.claim': 'false',
              'userinfo.token.claim': 'true',
            },
          },
        ],
      },
      // Only clients of services with `needs.mail` have it. Their tokens name mail as a recipient (RFC 7519 §4.1.3).
      {
        name: mailScope,
        mappers: [
          {
            name: 'audience',
            protocol: 'openid-connect',
            protocolMapper: 'oidc-audience-mapper',
            config: {
              'included.custom.audience': mailScope,
              'id.token.claim': 'false',
              'access.token.claim': 'true',
            },
          },
        ],
      },
    ],
    federation: {
      name: 'ldap',
      config: {
        enabled: 'true',
        priority: '0',
        vendor: 'other',
        editMode: 'WRITABLE',
        // A user who can't be found for a moment must not lose second factors and roles (keycloak#24669, #37823).
        importEnabled: 'true',
        removeInvalidUsersEnabled: 'false',
        syncRegistrations: 'false',
        connectionUrl: `ldaps://${ldap.host}:636`,
        startTls: 'false',
        useTruststoreSpi: 'always',
        authType: 'simple',
        usersDn: ldap.users,
        usernameLDAPAttribute: 'uid',
        rdnLDAPAttribute: 'uid',
        uuidLDAPAttribute: 'entryUUID',
        userObjectClasses: 'inetOrgPerson, havenUser',
        searchScope: '1',
        pagination: 'true',
        connectionPooling: 'true',
        connectionTimeout: '5000',
        readTimeout: '10000',
        // slapd hashes the passwords (RFC 3062); Keycloak applies the password policy before it sends them.
        usePasswordModifyExtendedOp: 'true',
        validatePasswordPolicy: 'true',
        trustEmail: 'true',
        fullSyncPeriod: '-1',
        changedSyncPeriod: '-1',
        cachePolicy: 'MAX_LIFESPAN',
        maxLifespan: '10000',
      },
      mappers: [
        attribute('username', 'uid', { mandatory: true, readOnly: true }),
        attribute('first name', 'givenName', { model: 'firstName' }),
        attribute('last name', 'sn', { model: 'lastName', mandatory: true }),
        attribute('email', 'mail', { readOnly: true }),
        {
          name: 'groups',
          providerId: 'group-ldap-mapper',
          config: {
            mode: 'READ_ONLY',
            'groups.dn': ldap.groups,
            'group.name.ldap.attribute': 'cn',
            'group.object.classes': 'groupOfMembers',
            'preserve.group.inheritance': 'false',
            'ignore.missing.groups': 'false',
            'membership.ldap.attribute': 'member',
            'membership.attribute.type': 'DN',
            'membership.user.ldap.attribute': 'uid',
            'user.roles.retrieve.strategy': 'LOAD_GROUPS_BY_MEMBER_ATTRIBUTE',
            'drop.non.existing.groups.during.sync': 'false',
            'groups.path': '/',
          },
        },
      ],
    },
    groupRoles: { [ldap.admins]: [checkAccounts.admin] },
    administration: { [ldap.admins]: ['realm-admin'] },
  };
}

function attribute(
  name: string,
  ldap: string,
  {
    model = name,
    mandatory = false,
    readOnly = false,
  }: { model?: string; mandatory?: boolean; readOnly?: boolean } = {},
): Mapper {
  return {
    name,
    providerId: 'user-attribute-ldap-mapper',
    config: {
      'ldap.attribute': ldap,
      'user.model.attribute': model,
      'is.mandatory.in.ldap': String(mandatory),
      'read.only': String(readOnly),
      'always.read.value.from.ldap': 'true',
    },
  };
}
