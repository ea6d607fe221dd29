import assert from 'node:assert/strict';
import type { BanList } from '../../../agent/bans/ban-commands.ts';
import { limits } from '../../../core/bans/jail.ts';
import { network } from '../../../sandbox/machine/network.ts';
import { waitUntil } from '../../../system/wait-until.ts';
import { logIn } from '../../support/login-pages.ts';
import { fromOutside } from '../../support/outside.ts';
import { password } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/** Someone guesses 200 passwords a minute from one address: they are kept out, and the user gets in. */
export default (async (cloud, { step, after }) => {
  const { login } = cloud.hosts;
  const guesser = network.visitorIpv4;
  const lift = () => cloud.owner.must(['ban', 'lift', guesser]);
  const list = () => cloud.owner.json<BanList>(['ban', 'list']);
  after(lift);

  /** Guesses until no connection is accepted any more; answers with how many guesses reached the login. */
  const guess = async (user: string, most: number): Promise<number> => {
    const { stdout } = await fromOutside([
      'bash',
      '-c',
      guesses,
      'guess',
      login,
      cloud.ipv4,
      user,
      String(most),
    ]);
    return Number(stdout.trim());
  };
  let guessed: Promise<number>;

  await step('a user logs in from another address while someone guesses their password', async () => {
    guessed = guess('ada', 100);
    const banned = waitUntil(
      'the address to be banned',
      async () => (await list()).bans.some(({ address }) => address === guesser),
      { timeoutMs: 120_000, everyMs: 1000 },
    );
    const browser = await cloud.browser();
    after(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`https://${login}/realms/haven/account/`);
    await logIn(page, 'ada', password);
    await page.waitForURL(`https://${login}/realms/haven/account/**`);
    await banned;
    assert.equal(await cloud.answerTo(`https://${login}/`), '000');
    const again = await cloud.browser();
    after(() => again.close());
    assert.equal(
      (await (await again.newPage()).goto(`https://${login}/realms/haven/account/`))?.status(),
      200,
    );
  });

  await step('the guesses end within seconds of the limit', async () => {
    const reached = await guessed;
    assert.ok(
      reached >= limits.failures && reached < limits.failures + 15,
      `${reached} guesses reached the login`,
    );
    const { bans, isGuarding } = await list();
    assert.deepEqual(
      [isGuarding, bans.map(({ address, service }) => [address, service])],
      [true, [[guesser, 'keycloak']]],
    );
  });

  await step('the check of logins passes meanwhile, and a ban that is lifted ends at once', async () => {
    assert.equal((await cloud.status(['--logins'])).code, 0);
    await lift();
    assert.notEqual(await cloud.answerTo(`https://${login}/`), '000');
    assert.deepEqual((await list()).bans, []);
  });
}) satisfies Journey;

/** One guess every 0.3 s: the page with the form, then a wrong password, as a browser would. */
const guesses = String.raw`
login=$1 ipv4=$2 user=$3 most=$4 jar=$(mktemp)
ask() { curl -s --max-time 10 --cacert /roots.pem --resolve "$login:443:$ipv4" -b "$jar" -c "$jar" "$@"; }
challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM
query="client_id=account-console&redirect_uri=https%3A%2F%2F$login%2Frealms%2Fhaven%2Faccount%2F&response_type=code&scope=openid&code_challenge=$challenge&code_challenge_method=S256"
reached=0
while [ "$reached" -lt "$most" ]; do
  next=$(($(date +%s%N) + 300000000))
  : > "$jar"
  page=$(ask "https://$login/realms/haven/protocol/openid-connect/auth?$query") || break
  action=$(grep -o 'action="[^"]*login-actions/authenticate[^"]*"' <<< "$page" | head -1 | sed 's/^action="//; s/"$//; s/&amp;/\&/g')
  [ -n "$action" ] || { echo "no form" >&2; exit 1; }
  ask -o /dev/null --data-urlencode "username=$user" --data-urlencode "password=guess-$reached" "$action" || break
  reached=$((reached + 1))
  left=$((next - $(date +%s%N)))
  [ "$left" -le 0 ] || sleep "$(printf '0.%09d' "$left")"
done
echo "$reached"
`;
