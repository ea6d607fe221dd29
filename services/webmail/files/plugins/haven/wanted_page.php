<?php

/**
 * The page whose address a visitor opened without a session: a link in an email, or a mail address on a website (mailto). It is kept
 * in the session while they log in. Only pages below come back, made of these parameters alone. They show something and change
 * nothing: Roundcube adds its token against forged requests to the address after a login, so any other could be a stranger's order.
 */
class haven_wanted_page
{
    private const KEY = 'haven_wanted_page';

    /** By task and action, the parameters. */
    private const PAGES = [
        'mail' => [
            '' => ['_mbox', '_uid', '_page'],
            'show' => ['_mbox', '_uid'],
            'compose' => ['_to', '_cc', '_bcc', '_subject', '_body', '_in-reply-to', '_references'],
        ],
        'addressbook' => ['' => ['_source', '_gid', '_cid']],
        'settings' => [
            '' => [],
            'preferences' => [],
            'folders' => [],
            'identities' => [],
            'responses' => [],
            'about' => [],
            'plugin.managesieve' => [],
            'plugin.managesieve-vacation' => [],
        ],
    ];

    /** Remembers the page of this request, in place of another. What an open page fetches is no page. */
    public static function remember(rcmail $rcmail): void
    {
        if ($_SERVER['REQUEST_METHOD'] !== 'GET' || isset($_GET['_remote']) || isset($_GET['_framed'])) {
            return;
        }
        $page = self::page_of($_GET);
        if ($page === null) {
            $rcmail->session->remove(self::KEY);
        } else {
            $_SESSION[self::KEY] = $page;
        }
    }

    /** The page that was remembered, once; an empty array without one. */
    public static function take(rcmail $rcmail): array
    {
        $page = (array) ($_SESSION[self::KEY] ?? []);
        $rcmail->session->remove(self::KEY);
        return $page;
    }

    /** Null where the login leads to the inbox. */
    private static function page_of(array $query): ?array
    {
        $given = array_filter($query, 'is_string');
        $where = ['_task' => $given['_task'] ?? '', '_action' => $given['_action'] ?? ''];
        $names = self::PAGES[$where['_task']][$where['_action']] ?? null;
        return $names === null ? null : $where + array_intersect_key($given, array_flip($names));
    }
}
