<?php

/**
 * What this cloud adds to Roundcube: a new user's name comes from the login, only a login that began in this browser ends here,
 * and a session that is over begins again at the one login.
 */
class haven extends rcube_plugin
{
    /** @var string The user's full name, as the login says. */
    private $name = '';

    public function init()
    {
        $this->add_hook('startup', [$this, 'refuse_foreign_login']);
        $this->add_hook('startup', [$this, 'look_at_session']);
        $this->add_hook('unauthenticated', [$this, 'begin_again']);
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
     * Renews the login's token before the page is made. If the login refuses, Roundcube ends its session: here that leads to the
     * login, later it would be a page with errors.
     */
    public function look_at_session($arguments)
    {
        rcmail::get_instance()->oauth->is_token_valid();
        return $arguments;
    }

    /**
     * A visitor whose session is over goes to the login, and comes back without typing while that one goes on. After a login that
     * opened no mailbox this would be a circle: the page says so, with 401. So does one for a browser that sends two cookies of
     * the same name.
     */
    public function begin_again($arguments)
    {
        $rcmail = rcmail::get_instance();
        $came_back = $rcmail->action === 'oauth' && isset($_GET['code']);
        if ($came_back || $arguments['error'] === 'cookiesmismatch') {
            $arguments['http_code'] = 401;
        } elseif (!empty($arguments['error'])) {
            $rcmail->oauth->login_redirect();
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
