import { createInstance, type TFunction } from 'i18next';
import type { Language } from './cloud.ts';

const en = {
  language: 'en',
  hello: 'Hello, {{name}}',
  yourServices: 'Your services',
  noServices: 'There are no services yet.',
  stub: 'stub',
  yourLogin: 'Your login',
  account: 'Password, passkeys and second factor',
  accountText: 'Change your password, add a passkey or a second factor, see where you are logged in.',
  appPasswords: 'App passwords',
  appPasswordsText: 'For programs that cannot ask for your second factor, such as git on your computer.',
  appPasswordsGit: 'Make one for git',
  appPasswordsHow:
    'Give it a name, choose what it may do, and put it where git asks for your password. You can take it back at any time, and it ends when you are switched off.',
  appPasswordsNone: 'No service of this cloud needs one.',
  appPasswordsFor: 'For {{services}}',
  appPasswordsNoneYet: 'You have none yet.',
  appPasswordsLabel: 'Which program or device is it for?',
  appPasswordsMake: 'Make one',
  appPasswordsMade: 'The app password for “{{label}}”',
  appPasswordsOnce: 'Copy it now: it is never shown again. The user name is {{name}}.',
  appPasswordsFull: 'You have as many as anybody may have. Take one back first.',
  appPasswordsUnnamed: 'Say which program or device it is for, so that you know it again.',
  appPasswordsRemove: 'Take back',
  appPasswordsRemoveNamed: 'Take back the one for {{label}}',
  help: 'Help',
  helpText: 'Forgotten password, lost phone',
  forgotten: 'I have forgotten my password',
  forgottenHow:
    'Ask {{owner}} for a new invitation. You get a link by which you choose a new password; your passkeys and your second factor stay.',
  lost: 'I have lost my phone, or my second factor',
  lostHow:
    'If you have recovery codes, log in with one. If not, ask {{owner}}: after making sure that it is you, they send you a link that lets you begin anew.',
  stolen: 'Somebody else may know my password',
  stolenHow: 'Change it now, and log out everywhere else. Then tell {{owner}}.',
  forOwner: 'For {{owner}}: type "haven user invite NAME", and "--lost-second-factor" where that is gone.',
  logOut: 'Log out',
  status: 'Status',
  statusAt: 'As of {{at}}',
  statusNone: 'Nobody has looked yet.',
  up: 'runs',
  down: 'is not well',
  off: 'is switched off',
  changing: 'is being changed',
  back: 'Back',
  notFound: 'There is no such page.',
  trouble: 'Something is not well just now',
  troubleHow: 'Try again in a minute; if it stays like this, tell {{owner}}.',
  notForYou: 'This page is for those who administer this cloud.',
};

const de: typeof en = {
  language: 'de',
  hello: 'Hallo, {{name}}',
  yourServices: 'Deine Dienste',
  noServices: 'Es gibt noch keine Dienste.',
  stub: 'Platzhalter',
  yourLogin: 'Deine Anmeldung',
  account: 'Passwort, Passkeys und zweiter Faktor',
  accountText: 'Passwort ändern, Passkey oder zweiten Faktor hinzufügen, sehen, wo du angemeldet bist.',
  appPasswords: 'App-Passwörter',
  appPasswordsText: 'Für Programme, die nicht nach dem zweiten Faktor fragen können, zum Beispiel git.',
  appPasswordsGit: 'Eines für git anlegen',
  appPasswordsHow:
    'Gib ihm einen Namen, wähle, was es darf, und setze es dort ein, wo git nach dem Passwort fragt. Du kannst es jederzeit zurücknehmen, und es endet, wenn du abgeschaltet wirst.',
  appPasswordsNone: 'Kein Dienst dieser Cloud braucht eines.',
  appPasswordsFor: 'Für {{services}}',
  appPasswordsNoneYet: 'Du hast noch keines.',
  appPasswordsLabel: 'Für welches Programm oder Gerät ist es?',
  appPasswordsMake: 'Eines anlegen',
  appPasswordsMade: 'Das App-Passwort für „{{label}}“',
  appPasswordsOnce: 'Kopiere es jetzt: Es wird nie wieder gezeigt. Der Benutzername ist {{name}}.',
  appPasswordsFull: 'Mehr kann niemand haben. Nimm erst eines zurück.',
  appPasswordsUnnamed: 'Schreib dazu, für welches Programm oder Gerät es ist, damit du es wiedererkennst.',
  appPasswordsRemove: 'Zurücknehmen',
  appPasswordsRemoveNamed: 'Das für {{label}} zurücknehmen',
  help: 'Hilfe',
  helpText: 'Passwort vergessen, Telefon verloren',
  forgotten: 'Ich habe mein Passwort vergessen',
  forgottenHow:
    'Bitte {{owner}} um eine neue Einladung. Du bekommst einen Link, mit dem du ein neues Passwort wählst; Passkeys und zweiter Faktor bleiben.',
  lost: 'Ich habe mein Telefon oder meinen zweiten Faktor verloren',
  lostHow:
    'Wenn du Wiederherstellungscodes hast, melde dich mit einem an. Wenn nicht, bitte {{owner}}: Sie vergewissern sich, dass du es bist, und schicken dir einen Link, mit dem du neu beginnst.',
  stolen: 'Jemand anderes kennt vielleicht mein Passwort',
  stolenHow: 'Ändere es sofort und melde dich überall sonst ab. Sag dann {{owner}} Bescheid.',
  forOwner:
    'Für {{owner}}: „haven user invite NAME“ eingeben, und „--lost-second-factor“, wo der verloren ist.',
  logOut: 'Abmelden',
  status: 'Zustand',
  statusAt: 'Stand {{at}}',
  statusNone: 'Es hat noch niemand nachgesehen.',
  up: 'läuft',
  down: 'ist gestört',
  off: 'ist abgeschaltet',
  changing: 'wird gerade geändert',
  back: 'Zurück',
  notFound: 'Diese Seite gibt es nicht.',
  trouble: 'Gerade stimmt etwas nicht',
  troubleHow: 'Versuch es in einer Minute noch einmal; wenn es so bleibt, sag {{owner}} Bescheid.',
  notForYou: 'Diese Seite ist für die, die diese Cloud verwalten.',
};

const texts = createInstance();
await texts.init({
  lng: 'en',
  fallbackLng: 'en',
  supportedLngs: ['en', 'de'],
  // Pages escape what they show themselves.
  interpolation: { escapeValue: false },
  resources: { en: { translation: en }, de: { translation: de } },
});

export const textsIn = (language: Language): TFunction => texts.getFixedT(language);

/** The best of our languages for a browser's Accept-Language (RFC 9110 §12.5.4). */
export function languageFor(accepted: string | undefined): Language {
  const wishes = (accepted ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = parameters.map((each) => /^\s*q=([\d.]+)/.exec(each)?.[1]).find(Boolean);
      return { language: tag.split('-')[0], quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return wishes.find(({ language }) => language === 'de' || language === 'en')?.language === 'de'
    ? 'de'
    : 'en';
}
