import { renderStatePage } from './state-page.ts';

/**
 * Which services are closed is data: a file with the service's name in `/states/maintenance` or `/states/stopped`, which
 * the agent creates and removes. Each request looks for it, so nothing has to be reloaded. A folder that Caddy can't read
 * looks like one without files, therefore the agent asks `/states/<service>` on loopback what Caddy sees.
 */
const states = `(haven-state-files) {
	@maintenance file {
		root /states/maintenance
		try_files {args[0]}
	}
	@stopped file {
		root /states/stopped
		try_files {args[0]}
	}
}

(haven-states) {
	import haven-state-files {args[0]}
	handle @maintenance {
		header Retry-After 15
		header Refresh 15
${renderStatePage('maintenance')}
	}
	handle @stopped {
${renderStatePage('stopped')}
	}
}
`;

/** What each service's routes import. */
export const snippets = `(haven-headers) {
	encode zstd gzip
	header {
		Strict-Transport-Security "max-age=31536000"
		X-Content-Type-Options nosniff
		Referrer-Policy strict-origin-when-cross-origin
		-Server
	}
}

${states}`;

/**
 * There is no `grace_period`: with one, a reload ends HTTP/3 requests of all services after that time. Challenges of the
 * certificate authority are plain files that the agent writes (RFC 8555 §8.3).
 */
export const caddyfile = `{
	admin unix//run/caddy/admin.sock
	auto_https off
	servers {
		protocols h1 h2 h3
	}
}

${snippets}
http://127.0.0.1:2021 {
	bind 127.0.0.1
	respond /health 200
	handle_path /states/* {
		import haven-state-files {path}
		respond @maintenance "maintenance
"
		respond @stopped "stopped
"
		respond "open
"
	}
}

http:// {
	handle /.well-known/acme-challenge/* {
		root * /.challenges
		file_server
	}
	handle {
		redir https://{host}{uri} 308
	}
}

import /routes/*.caddy
`;
