import { ldap } from '../../core/users/ldap.ts';

const { suffix, users, groups, devices, appPasswords, services, federation, readers, selfService, agent } =
  ldap;

/**
 * What the standard schemas lack. The numbers are below a UUID of our own (RFC 4122, ITU-T X.667: arc 2.25).
 * `groupOfMembers` is the class of draft-howard-rfc2307bis: unlike `groupOfNames` it may be empty.
 */
export const havenSchema = `objectidentifier haven 2.25.190287465120938475610293847561029384756

attributetype ( haven:1.1 NAME 'havenAlias'
	DESC 'Another address at which a user receives email'
	EQUALITY caseIgnoreIA5Match SUBSTR caseIgnoreIA5SubstringsMatch
	SYNTAX 1.3.6.1.4.1.1466.115.121.1.26{256} )
attributetype ( haven:1.2 NAME 'havenQuotaMb'
	DESC 'Space for email, in MB'
	EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( haven:1.3 NAME 'havenPurpose'
	DESC 'Purpose of an account that is not a user'
	EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{256} SINGLE-VALUE )

attributetype ( haven:1.4 NAME 'havenAppPassword'
	DESC 'Label of an app password: an id, the time of its creation, a text'
	EQUALITY caseExactMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{256} )
attributetype ( haven:1.5 NAME 'havenForwardTo'
	DESC 'An address to which email is forwarded'
	EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26{256} )

objectclass ( haven:2.1 NAME 'havenUser' AUXILIARY MAY ( havenAlias $ havenQuotaMb ) )
objectclass ( haven:2.2 NAME 'havenDevice' SUP account STRUCTURAL
	MUST havenPurpose MAY ( userPassword $ mail $ havenAlias ) )
objectclass ( haven:2.3 NAME 'groupOfMembers' SUP top STRUCTURAL
	MUST cn MAY ( member $ description ) )
objectclass ( haven:2.4 NAME 'havenAppAccount' SUP account STRUCTURAL
	DESC 'Login of the programs of a user: one password for each, never the password of the user'
	MAY ( userPassword $ havenAppPassword ) )
objectclass ( haven:2.5 NAME 'havenForward' SUP top STRUCTURAL
	DESC 'An address without a mailbox: email to it goes to users, to groups or elsewhere'
	MUST havenAlias MAY ( member $ havenForwardTo ) )
`;

export const slapdConf = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/openldap/haven.schema

modulepath /usr/lib/ldap
moduleload back_mdb
moduleload argon2
moduleload ppolicy
moduleload refint
moduleload unique

pidfile /run/slapd/slapd.pid
argsfile /run/slapd/slapd.args

TLSCertificateFile /run/secrets/tls
TLSCertificateKeyFile /run/secrets/tls
TLSProtocolMin 3.3

# Argon2id, with slapd's default strength.
password-hash {ARGON2}
disallow bind_anon
require authc
idletimeout 900
sizelimit 1000
threads 8
# Processes that run as slapd in its own container, through its socket.
authz-regexp "gidNumber=2030[+]uidNumber=2030,cn=peercred,cn=external,cn=auth" "cn=manager,${suffix}"

database mdb
suffix "${suffix}"
rootdn "cn=manager,${suffix}"
directory /data/db
maxsize 1073741824
index objectClass,uid,mail,havenAlias,cn,member,entryUUID eq
limits dn.exact="${agent}" size=unlimited time=unlimited
limits dn.onelevel="${federation}" size=unlimited time=unlimited
limits dn.onelevel="${readers}" size=unlimited

# Permissions: the agent manages users and groups; federation writes users and their passwords; readers read.
# slapd unlocks an entry whose password changes (slapo-ppolicy(5)), so nobody but the agent changes the password of a
# locked one. The portal only changes entries that the agent created.
access to dn.subtree="${users}" filter=(!(pwdAccountLockedTime=*)) attrs=userPassword
	by dn.exact="${agent}" write
	by dn.onelevel="${federation}" write
	by anonymous auth
access to dn.onelevel="${appPasswords}" filter=(!(pwdAccountLockedTime=*)) attrs=userPassword
	by dn.exact="${agent}" write
	by dn.onelevel="${selfService}" write
	by anonymous auth
access to dn.onelevel="${appPasswords}" filter=(!(pwdAccountLockedTime=*)) attrs=havenAppPassword
	by dn.exact="${agent}" write
	by dn.onelevel="${selfService}" write
	by dn.onelevel="${readers}" read
access to attrs=userPassword
	by dn.exact="${agent}" write
	by anonymous auth
# Without it a reader's filter for users who are not locked finds nobody, and no error says so (RFC 4511 §4.5.1.7).
access to attrs=pwdAccountLockedTime
	by dn.exact="${agent}" manage
	by dn.onelevel="${federation}" read
	by dn.onelevel="${readers}" read
access to attrs=pwdChangedTime,pwdReset
	by dn.exact="${agent}" manage
	by dn.onelevel="${federation}" read
access to dn.subtree="${users}"
	by dn.exact="${agent}" write
	by dn.onelevel="${federation}" write
	by dn.onelevel="${readers}" read
	by self read
access to dn.subtree="${groups}"
	by dn.exact="${agent}" write
	by dn.onelevel="${federation}" read
	by dn.onelevel="${readers}" read
access to dn.subtree="${devices}"
	by dn.exact="${agent}" write
	by dn.onelevel="${readers}" read
access to dn.subtree="${appPasswords}"
	by dn.exact="${agent}" write
	by dn.onelevel="${selfService}" read
	by dn.onelevel="${readers}" read
access to dn.subtree="${services}"
	by dn.exact="${agent}" write
	by self read
access to *
	by dn.exact="${agent}" read

overlay ppolicy
ppolicy_default "cn=default,ou=policies,${suffix}"
ppolicy_hash_cleartext

overlay refint
refint_attributes member

overlay unique
unique_uri "ldap:///${users}?uid?sub"
unique_uri "ldap:///${suffix}?mail,havenAlias?sub"
`;

const unit = (dn: string): string =>
  `dn: ${dn}\nobjectClass: organizationalUnit\nou: ${/^ou=([^,]+)/.exec(dn)![1]}\n`;

/** The entries of a new LDAP database. */
export const baseLdif = [
  `dn: ${suffix}\nobjectClass: dcObject\nobjectClass: organization\ndc: haven\no: haven\n`,
  ...[
    users,
    groups,
    devices,
    appPasswords,
    services,
    federation,
    readers,
    selfService,
    `ou=policies,${suffix}`,
  ].map(unit),
  // Locking an account (pwdAccountLockedTime) only works with lockout enabled; wrong guesses are counted by the
  // programs that check passwords.
  `dn: cn=default,ou=policies,${suffix}\nobjectClass: applicationProcess\nobjectClass: pwdPolicy\ncn: default\npwdAttribute: userPassword\npwdLockout: TRUE\npwdMaxFailure: 0\n`,
  `dn: cn=${ldap.admins},${groups}\nobjectClass: groupOfMembers\ncn: ${ldap.admins}\ndescription: Administrators of this cloud\n`,
].join('\n');
