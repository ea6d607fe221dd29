<?php

/*
 * What becomes of a user's data in Roundcube: `user-hook.php log-out|remove|rename`, with USER_NAME and NEW_NAME in the
 * environment. Roundcube knows a user by their name at the login.
 */

$db = new PDO('sqlite:/data/roundcube.db', null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$db->exec('PRAGMA busy_timeout = 10000');
$db->exec('PRAGMA foreign_keys = ON');
$name = (string) getenv('USER_NAME');
if ($name === '') {
    fwrite(STDERR, "USER_NAME is not set.\n");
    exit(2);
}

/** A session is stored as base64 of PHP's own form, `username|s:3:"ada";`. */
function logOut(PDO $db, string $name): void
{
    $mark = '/(?:^|[;}])username\|' . preg_quote(serialize($name), '/') . '/';
    $delete = $db->prepare('DELETE FROM session WHERE sess_id = ?');
    foreach ($db->query('SELECT sess_id, vars FROM session')->fetchAll(PDO::FETCH_ASSOC) as $session) {
        if (preg_match($mark, (string) base64_decode($session['vars']))) {
            $delete->execute([$session['sess_id']]);
        }
    }
}

/** Contacts, settings and identities; tables refer to users with ON DELETE CASCADE. */
function remove(PDO $db, string $name): void
{
    $db->prepare('DELETE FROM users WHERE username = ?')->execute([$name]);
}

switch ($argv[1] ?? '') {
    case 'log-out':
        logOut($db, $name);
        break;
    case 'remove':
        logOut($db, $name);
        remove($db, $name);
        break;
    case 'rename':
        $new = (string) getenv('NEW_NAME');
        $known = $db->prepare('SELECT count(*) FROM users WHERE username = ?');
        $known->execute([$name]);
        // It runs again after an interruption, when the name has changed already.
        if ($known->fetchColumn() > 0) {
            $db->beginTransaction();
            remove($db, $new);
            $db->prepare('UPDATE users SET username = ? WHERE username = ?')->execute([$new, $name]);
            $domain = (string) getenv('MAIL_DOMAIN');
            $db->prepare('UPDATE identities SET email = ? WHERE email = ?')->execute(["$new@$domain", "$name@$domain"]);
            $db->commit();
        }
        logOut($db, $name);
        break;
    default:
        fwrite(STDERR, "Usage: user-hook.php log-out|remove|rename\n");
        exit(2);
}
