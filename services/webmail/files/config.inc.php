<?php

// Roundcube's settings (github.com/roundcube/roundcubemail/wiki/Configuration). The cloud's own are in the environment.

$variable = static function (string $name): string {
    $value = getenv($name);
    if ($value === false || $value === '') {
        throw new RuntimeException("The variable $name is not set.");
    }
    return $value;
};
$secret = static fn (string $name): string => trim(file_get_contents("/run/secrets/$name"));

// Everything is in one SQLite file, sessions too.
$config['db_dsnw'] = 'sqlite:////data/roundcube.db?mode=0600';
$config['des_key'] = hash('sha256', $secret('session-key'), true);
$config['cipher_method'] = 'AES-256-CBC';
$config['log_driver'] = 'stdout';
$config['temp_dir'] = '/tmp';
$config['use_https'] = true;
$config['trusted_host_patterns'] = ['^' . preg_quote($variable('HOST')) . '$'];
// Addresses of browsers, as the reverse proxy says.
$config['proxy_whitelist'] = [$_SERVER['REMOTE_ADDR'] ?? ''];

// The mail server, by its public certificate.
$config['imap_host'] = 'tls://' . $variable('MAIL_IMAP');
$config['smtp_host'] = 'tls://' . $variable('MAIL_SUBMISSION');
$config['managesieve_host'] = 'tls://' . $variable('MAIL_SIEVE');
$config['imap_conn_options'] = $config['smtp_conn_options'] = $config['managesieve_conn_options'] = [
    'ssl' => [
        'cafile' => '/etc/ssl/certs/ca-certificates.crt',
        'verify_peer' => true,
        'verify_peer_name' => true,
        'peer_name' => $variable('MAIL_HOST'),
    ],
];
$config['mail_domain'] = $variable('MAIL_DOMAIN');
// For our plugin: the domains in which users have addresses.
$config['haven_mail_domains'] = explode(' ', $variable('MAIL_DOMAINS'));
$config['smtp_helo_host'] = $variable('HOST');
$config['imap_auth_type'] = 'XOAUTH2';

// Users are who the login says.
$login = $variable('LOGIN_ISSUER') . '/protocol/openid-connect';
$config['oauth_provider'] = 'generic';
$config['oauth_provider_name'] = $variable('DOMAIN');
$config['oauth_client_id'] = $variable('LOGIN_CLIENT');
$config['oauth_client_secret'] = $secret('oidc-secret');
$config['oauth_auth_uri'] = "$login/auth";
$config['oauth_token_uri'] = "$login/token";
$config['oauth_identity_uri'] = "$login/userinfo";
$config['oauth_scope'] = 'openid email profile';
$config['oauth_identity_fields'] = ['preferred_username'];
$config['oauth_verify_peer'] = '/etc/ssl/certs/ca-certificates.crt';
$config['oauth_login_redirect'] = true;
// For our plugin: where the login ends a session, and where it leads afterwards.
$config['haven_logout_uri'] = "$login/logout";
$config['haven_origin'] = 'https://' . $variable('HOST');
// Without activity, in minutes. The one login goes on, so that coming back asks for nothing.
$config['session_lifetime'] = 60;

// Users of this cloud, to look up. An address is the name in the mail domain.
$config['ldap_public']['users'] = [
    'name' => $variable('DOMAIN'),
    'hosts' => [$variable('LDAP_URL')],
    'ldap_version' => 3,
    'bind_dn' => $variable('LDAP_BIND_DN'),
    'bind_pass' => $secret('bind-password'),
    'base_dn' => $variable('LDAP_USERS'),
    'scope' => 'list',
    'filter' => '(&(objectClass=havenUser)(!(pwdAccountLockedTime=*)))',
    'search_fields' => ['uid', 'cn', 'sn', 'givenName'],
    'fieldmap' => ['name' => 'cn', 'surname' => 'sn', 'firstname' => 'givenName', 'email' => 'uid'],
    'name_field' => 'cn',
    'sort' => 'cn',
    'writable' => false,
    'fuzzy_search' => true,
    'timelimit' => 5,
];
$config['autocomplete_addressbooks'] = ['sql', 'users'];

$config['plugins'] = ['archive', 'haven', 'managesieve', 'markasjunk', 'newmail_notifier'];
$config['managesieve_vacation'] = 1;
$config['managesieve_vacation_addresses_init'] = true;
$config['managesieve_script_name'] = 'webmail';

$config['drafts_mbox'] = 'Drafts';
$config['sent_mbox'] = 'Sent';
$config['junk_mbox'] = 'Junk';
$config['trash_mbox'] = 'Trash';
$config['archive_mbox'] = 'Archive';
// As much as the mail server takes (services/mail/main-cf.ts); an attachment grows by a third on its way.
$config['max_message_size'] = '36M';

$config['skin'] = 'elastic';
$config['skin_logo'] = null;
$config['product_name'] = 'Webmail';
$config['support_url'] = '';
// The language is the browser's.
$config['language'] = null;
$config['timezone'] = $variable('TZ');
$config['enable_installer'] = false;
$config['enable_spellcheck'] = false;
$config['message_show_email'] = true;
$config['htmleditor'] = 4;
$config['draft_autosave'] = 60;
$config['refresh_interval'] = 60;
