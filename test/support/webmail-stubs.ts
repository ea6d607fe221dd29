/**
 * The login and the mail server that Roundcube reaches in its own container, as programs in PHP, which is there. The login knows one
 * user, who gets tokens for the code `good`, and renews none. The mail server lets in anyone who shows a token, and its mailboxes are
 * empty.
 */
export const stubLogin = `<?php
header('Content-Type: application/json');
if (($_POST['grant_type'] ?? '') !== 'authorization_code' || $_POST['code'] !== 'good') {
    http_response_code(400);
    exit(json_encode(['error' => 'invalid_grant']));
}
$part = static fn (array $claims): string => rtrim(strtr(base64_encode(json_encode($claims)), '+/', '-_'), '=');
$claims = ['azp' => $_POST['client_id'], 'preferred_username' => 'wanda', 'name' => 'Wanda'];
echo json_encode([
    'access_token' => 'token',
    'token_type' => 'Bearer',
    'expires_in' => 300,
    'refresh_token' => 'token',
    'id_token' => $part(['alg' => 'none']) . '.' . $part($claims) . '.',
]);
`;

/** RFC 9051, as much as opening a mailbox takes. Its certificate and key are in /tls. */
export const stubImap = `
$tls = ['local_cert' => '/tls/tls.crt', 'local_pk' => '/tls/tls.key'];
$how = STREAM_SERVER_BIND | STREAM_SERVER_LISTEN;
$server = stream_socket_server('tcp://127.0.0.1:1144', $code, $error, $how, stream_context_create(['ssl' => $tls]));
$can = 'CAPABILITY IMAP4rev1 SASL-IR STARTTLS AUTH=XOAUTH2';
while (true) {
    $client = @stream_socket_accept($server, 60);
    if (!$client) continue;
    fwrite($client, "* OK [$can] ready\\r\\n");
    while (($line = fgets($client)) !== false) {
        [$tag, $command] = array_pad(explode(' ', trim($line)), 2, '');
        if ($command === 'CAPABILITY') fwrite($client, "* $can\\r\\n");
        if ($command === 'LIST') fwrite($client, "* LIST () \\"/\\" INBOX\\r\\n");
        fwrite($client, "$tag OK done\\r\\n");
        if ($command === 'STARTTLS') stream_socket_enable_crypto($client, true, STREAM_CRYPTO_METHOD_TLS_SERVER);
    }
    fclose($client);
}
`;
