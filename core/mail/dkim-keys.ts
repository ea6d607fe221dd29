/**
 * Name of the secret that a service with `needs.dkim` gets: JSON with a key for each mail domain, as in
 * `{"example.org": {"selector": "2026a", "privateKey": "<PKCS#8 PEM, RSA 2048>"}}`.
 */
export const dkimKeys = 'dkim-keys';
