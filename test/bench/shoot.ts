import autocannon from 'autocannon';

/** Asks one address without pause for ten seconds, with ten connections; says how often it was answered. */
const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const { url, host, roots } = JSON.parse(Buffer.concat(chunks).toString()) as {
  url: string;
  host: string;
  roots?: string;
};
const shot = await autocannon({
  url,
  connections: 10,
  duration: 10,
  headers: { host, 'x-forwarded-proto': 'https' },
  ...(roots ? { servername: host, tlsOptions: { ca: roots } } : {}),
});
if (shot.non2xx > 0 || shot.errors > 0) throw new Error(`${shot.non2xx} refused, ${shot.errors} failed`);
process.stdout.write(JSON.stringify({ perSecond: shot.requests.average, p975Ms: shot.latency.p97_5 }));
