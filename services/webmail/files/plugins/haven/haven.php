<?php

require_once __DIR__ . '/addresses.php';
require_once __DIR__ . '/wanted_page.php';

/**
 * What this cloud adds to Roundcube: a new user's name comes from the login, identities follow the user's addresses, only a login
 * that began in this browser ends here, it ends at the page that was asked for, and beginning and end of a session are those of the
 * one login.
 */
class haven extends rcube_plugin
{
    /** @var string The user's full name, as the login says. */
    private $name = '';

    /** @var string The login's word for who is logged in, which ends its session without a question. */
    private $id_token = '';

    public function init()
    {
        $this->add_hook('startup', [$this, 'refuse_foreign_login']);
        $this->add_hook('startup', [$this, 'look_at_session']);
        $this->add_hook('startup', [$this, 'remember_page']);
        $this->add_hook('unauthenticated', [$this, 'begin_again']);
        $this->add_hook('oauth_login', [$this, 'remember_identity']);
        $this->add_hook('user_create', [$this, 'set_name']);
        $this->add_hook('login_after', [$this, 'keep_addresses']);
        $this->add_hook('login_after', [$this, 'open_wanted_page']);
        $this->add_hook('logout_after', [$this, 'end_login']);
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
        $this->id_token = $_SESSION['haven_id_token'] ?? '';
        if (rcube_utils::get_input_string('_task', rcube_utils::INPUT_GPC) !== 'logout') {
            rcmail::get_instance()->oauth->is_token_valid();
        } elseif (empty($_SESSION['user_id'])) {
            // The session was over before its user logged out. The login asks whether to end its own.
            $this->end_login($arguments);
        }
        return $arguments;
    }

    /** After `look_at_session`, which may end the session. */
    public function remember_page($arguments)
    {
        if (empty($_SESSION['user_id']) && $arguments['action'] !== 'oauth') {
            haven_wanted_page::remember(rcmail::get_instance());
        }
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
            // The session that was looked at in the beginning may be another one.
            haven_wanted_page::remember($rcmail);
            $rcmail->oauth->login_redirect();
        }
        return $arguments;
    }

    public function remember_identity($login)
    {
        $this->name = (string) ($login['identity']['name'] ?? '');
        $_SESSION['haven_id_token'] = (string) ($login['id_token'] ?? '');
        return $login;
    }

    public function set_name($user)
    {
        if ($this->name !== '') {
            $user['user_name'] = $this->name;
        }
        return $user;
    }

    public function keep_addresses($page)
    {
        haven_addresses::keep(rcmail::get_instance());
        return $page;
    }

    public function open_wanted_page($page)
    {
        return haven_wanted_page::take(rcmail::get_instance()) + $page;
    }

    /**
     * Logging out ends the one login too (OpenID Connect RP-Initiated Logout 1.0 §2), or the next visitor at this computer would be
     * in the mailbox with one click. The login leads back to the first page, which is the form of the login then.
     */
    public function end_login($arguments)
    {
        $rcmail = rcmail::get_instance();
        $query = [
            'client_id' => $rcmail->config->get('oauth_client_id'),
            'post_logout_redirect_uri' => $rcmail->config->get('haven_origin') . '/',
        ];
        if ($this->id_token !== '') {
            $query['id_token_hint'] = $this->id_token;
        }
        $rcmail->output->redirect($rcmail->config->get('haven_logout_uri') . '?' . http_build_query($query));
    }
}
