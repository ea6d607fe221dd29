<?php

/**
 * What this cloud adds to Roundcube: a new user's name comes from the login, and only a login that began in this browser ends
 * here.
 */
class haven extends rcube_plugin
{
    /** @var string The user's full name, as the login says. */
    private $name = '';

    public function init()
    {
        $this->add_hook('startup', [$this, 'refuse_foreign_login']);
        $this->add_hook('unauthenticated', [$this, 'answer_as_refused']);
        $this->add_hook('oauth_login', [$this, 'remember_name']);
        $this->add_hook('user_create', [$this, 'set_name']);
    }

    /**
     * Roundcube compares `state` only if the session has one (1.6), so a stranger's link could log a visitor in to the
     * stranger's mailbox (RFC 6749 §10.12).
     */
    public function refuse_foreign_login($arguments)
    {
        if ($arguments['action'] === 'oauth' && isset($_GET['code']) && empty($_SESSION['oauth_state'])) {
            unset($_GET['code']);
        }
        return $arguments;
    }

    /**
     * The page for a visitor whose session is over says 401, not 200. By this the login check sees a login that has opened no
     * mailbox.
     */
    public function answer_as_refused($arguments)
    {
        if (!empty($arguments['error'])) {
            $arguments['http_code'] = 401;
        }
        return $arguments;
    }

    public function remember_name($login)
    {
        $this->name = (string) ($login['identity']['name'] ?? '');
        return $login;
    }

    public function set_name($user)
    {
        if ($this->name !== '') {
            $user['user_name'] = $this->name;
        }
        return $user;
    }
}
