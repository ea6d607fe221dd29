<?php

/**
 * A user's identities follow their addresses in LDAP, looked up with each login: a new address becomes one, and that of an address
 * which is gone is deleted, unless its user has written something into it. What was offered is kept in the user's settings, so
 * that an identity that they deleted stays deleted. While LDAP does not answer, nothing is changed.
 */
class haven_addresses
{
    /** The user's setting: address => the name that was written into its identity. */
    private const OFFERED = 'haven_offered';

    public static function keep(rcmail $rcmail): void
    {
        $found = self::look_up($rcmail);
        if ($found === null) {
            return;
        }
        ['name' => $name, 'addresses' => $addresses] = $found;
        $user = $rcmail->user;
        $offered = (array) $rcmail->config->get(self::OFFERED, []);
        $identities = $user->list_identities();
        foreach ($identities as $identity) {
            $written = $offered[$identity['email']] ?? null;
            if ($written === null || !self::is_untouched($identity, $written)) {
                continue;
            }
            if (!in_array($identity['email'], $addresses, true)) {
                $user->delete_identity($identity['identity_id']);
            } elseif ($written !== $name) {
                $user->update_identity($identity['identity_id'], ['name' => $name]);
            }
        }
        $existing = array_map('strtolower', array_column($identities, 'email'));
        foreach ($addresses as $address) {
            if (!isset($offered[$address]) && !in_array($address, $existing, true)) {
                $user->insert_identity(['name' => $name, 'email' => $address]);
            }
        }
        $user->save_prefs([self::OFFERED => array_fill_keys($addresses, $name)]);
    }

    /** Whether an identity is as it was offered. */
    private static function is_untouched(array $identity, string $name): bool
    {
        return $identity['name'] === $name
            && trim($identity['organization'] . $identity['reply-to'] . $identity['bcc'] . $identity['signature']) === '';
    }

    /** The user's full name, and their addresses in the domains of this cloud's mail server; null if there is no answer, or no such user. */
    private static function look_up(rcmail $rcmail): ?array
    {
        $book = $rcmail->config->get('ldap_public')['users'];
        $domains = $rcmail->config->get('haven_mail_domains');
        $login = $rcmail->user->get_username();
        $ldap = ldap_connect($book['hosts'][0]);
        ldap_set_option($ldap, LDAP_OPT_PROTOCOL_VERSION, 3);
        ldap_set_option($ldap, LDAP_OPT_NETWORK_TIMEOUT, 5);
        ldap_set_option($ldap, LDAP_OPT_TIMELIMIT, 5);
        $filter = '(&(objectClass=havenUser)(uid=' . ldap_escape($login, '', LDAP_ESCAPE_FILTER) . '))';
        $entries = @ldap_bind($ldap, $book['bind_dn'], $book['bind_pass'])
            ? @ldap_list($ldap, $book['base_dn'], $filter, ['cn', 'mail', 'havenAlias'])
            : false;
        if (!$entries) {
            $why = ldap_error($ldap);
            rcube::raise_error(['message' => "The addresses of $login can't be looked up: $why", 'file' => __FILE__, 'line' => __LINE__], true);
            return null;
        }
        $entry = ldap_first_entry($ldap, $entries);
        if (!$entry) {
            return null;
        }
        $values = ldap_get_attributes($ldap, $entry);
        $listed = array_merge(self::values($values, 'mail'), self::values($values, 'havenAlias'));
        $own = array_filter(
            array_map('strtolower', $listed),
            static fn (string $address): bool => in_array(substr(strrchr($address, '@') ?: '@', 1), $domains, true)
        );
        $named = array_map(static fn (string $domain): string => "$login@$domain", $domains);
        return ['name' => self::values($values, 'cn')[0] ?? $login, 'addresses' => array_values(array_unique([...$named, ...$own]))];
    }

    /** All values of an attribute: beside them LDAP's answer in PHP has their number. */
    private static function values(array $entry, string $attribute): array
    {
        $values = $entry[$attribute] ?? [];
        unset($values['count']);
        return array_values($values);
    }
}
