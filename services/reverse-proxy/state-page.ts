/** Why a page says that its service is closed. */
type Closed = 'maintenance' | 'stopped';

/** What follows the service's name, and a sentence. The name is the one that the visitor asked for. */
const texts: Record<Closed, Record<'en' | 'de', { title: string; text: string }>> = {
  maintenance: {
    en: {
      title: 'will be back soon',
      text: 'It is being updated. This page tries again every 15 seconds.',
    },
    de: {
      title: 'ist gleich wieder da',
      text: 'Der Dienst wird gerade aktualisiert. Diese Seite versucht es alle 15 Sekunden noch einmal.',
    },
  },
  stopped: {
    en: { title: 'is stopped', text: 'The administrator of this cloud has stopped it.' },
    de: {
      title: 'ist gestoppt',
      text: 'Der Dienst wurde von der Verwaltung dieser Cloud gestoppt.',
    },
  },
};

const style =
  ':root { color-scheme: light dark; font: 17px/1.55 system-ui, sans-serif } body { max-width: 34rem; margin: 0 auto; padding: 18vh 1.2rem 2rem } h1 { font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; text-wrap: balance }';

/**
 * The directives of the Caddyfile that answer 503 with a small page, which loads nothing else. Only the first language of
 * the browser counts (RFC 9110 §12.5.4): a `map` does not compare the weights of several.
 */
export function renderStatePage(closed: Closed): string {
  const { en, de } = texts[closed];
  return `		map {http.request.header.Accept-Language} {haven_language} {haven_title} {haven_text} {
			~(?i)^\\s*de\\b de "${de.title}" "${de.text}"
			default en "${en.title}" "${en.text}"
		}
		header Content-Type "text/html; charset=utf-8"
		header Content-Language {haven_language}
		header Cache-Control no-store
		header Content-Security-Policy "default-src 'none'; style-src 'unsafe-inline'"
		respond <<HTML
			<!doctype html>
			<html lang="{haven_language}">
			<head>
			<meta charset="utf-8">
			<meta name="viewport" content="width=device-width, initial-scale=1">
			<title>{http.request.host} {haven_title}</title>
			<style>${style}</style>
			</head>
			<body>
			<h1>{http.request.host} {haven_title}</h1>
			<p>{haven_text}</p>
			</body>
			</html>
			HTML 503`;
}
