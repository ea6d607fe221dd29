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
  accountText: 'Change your password, add a passkey or a second factor, and see where you are logged in.',
  appPasswords: 'App passwords',
  appPasswordsText: 'For programs that cannot ask for your second factor, such as git on your computer.',
  appPasswordsGit: 'Create one for git',
  appPasswordsHow:
    'Give it a name, choose what it may do, and enter it when git asks for your password. You can revoke it at any time. It stops working if your account is disabled.',
  appPasswordsNone: 'No service in this cloud needs one.',
  appPasswordsFor: 'For {{services}}',
  appPasswordsNoneYet: 'You have no app passwords yet.',
  appPasswordsLabel: 'Which program or device is it for?',
  appPasswordsMake: 'Create',
  appPasswordsMade: 'App password for “{{label}}”',
  appPasswordsOnce: 'Copy it now: it is not shown again. Your user name is {{name}}.',
  appPasswordsFull: 'You have reached the limit. Revoke one first.',
  appPasswordsUnnamed: 'Enter the program or device that it is for, so that you recognize it later.',
  appPasswordsRemove: 'Revoke',
  appPasswordsRemoveNamed: 'Revoke the app password for {{label}}',
  mail: 'Email',
  mailText: 'Set up a mail program on your phone or computer.',
  mailInBrowser: 'Read and write email in the browser',
  mailAddresses: 'Your addresses',
  mailSetUp: 'Set up a mail program',
  mailSetUpHow:
    'Create an app password for it. Then enter your address and that password in the program: most find the rest.',
  mailByHand: 'If it asks for servers',
  mailIn: 'Incoming mail (IMAP)',
  mailInPop3: 'Incoming mail, for programs without IMAP (POP3)',
  mailOut: 'Outgoing mail (SMTP)',
  mailOutOlder: 'Outgoing, for older programs',
  mailPort: 'port {{port}}, {{security}}',
  mailUser: 'User name',
  mailPhone: 'On your phone',
  mailPhoneHow: 'Point the camera at this code to open this page there.',
  help: 'Help',
  helpText: 'Forgotten password, lost phone',
  forgotten: 'I have forgotten my password',
  forgottenHow:
    'Ask {{owner}} for a new invitation. It has a link with which you set a new password. You keep your passkeys and your second factor.',
  lost: 'I have lost my phone or my second factor',
  lostHow:
    'If you have recovery codes, log in with one of them. If not, ask {{owner}} for help. {{owner}} first makes sure that it is really you, and then sends you a link to set up your login again.',
  stolen: 'Someone else may know my password',
  stolenHow: 'Change it now and log out on all other devices. Then tell {{owner}}.',
  forAdmins: 'Helping a user',
  forAdminsHow:
    'Forgotten password: run “haven user invite NAME” and give the user the link. Lost phone: add “--lost-second-factor”. First make sure that it is really them.',
  logOut: 'Log out',
  loggedOut: 'You are logged out',
  logInAgain: 'Log in again',
  status: 'Status',
  statusAt: 'As of {{at}}',
  statusNone: 'Not checked yet.',
  up: 'running',
  down: 'has a problem',
  off: 'stopped',
  changing: 'being updated',
  back: 'Back',
  notFound: 'Page not found',
  trouble: 'Something went wrong',
  troubleHow: 'Try again in a minute. If it still does not work, tell {{owner}}.',
  notForYou: 'Only administrators of this cloud can open this page.',
};

const de: typeof en = {
  language: 'de',
  hello: 'Hallo, {{name}}',
  yourServices: 'Deine Dienste',
  noServices: 'Es gibt noch keine Dienste.',
  stub: 'Platzhalter',
  yourLogin: 'Deine Anmeldung',
  account: 'Passwort, Passkeys und zweiter Faktor',
  accountText: 'Passwort ändern, Passkey oder zweiten Faktor hinzufügen und sehen, wo du angemeldet bist.',
  appPasswords: 'App-Passwörter',
  appPasswordsText: 'Für Programme, die nicht nach dem zweiten Faktor fragen können, zum Beispiel git.',
  appPasswordsGit: 'App-Passwort für git anlegen',
  appPasswordsHow:
    'Gib ihm einen Namen, wähle aus, was es darf, und gib es ein, wenn git nach dem Passwort fragt. Du kannst es jederzeit widerrufen. Wird dein Konto gesperrt, gilt es nicht mehr.',
  appPasswordsNone: 'Kein Dienst in dieser Cloud braucht eines.',
  appPasswordsFor: 'Für {{services}}',
  appPasswordsNoneYet: 'Du hast noch keine App-Passwörter.',
  appPasswordsLabel: 'Für welches Programm oder Gerät ist es?',
  appPasswordsMake: 'Anlegen',
  appPasswordsMade: 'App-Passwort für „{{label}}“',
  appPasswordsOnce: 'Kopiere es jetzt: Es wird nicht noch einmal angezeigt. Dein Benutzername ist {{name}}.',
  appPasswordsFull: 'Mehr sind nicht möglich. Widerrufe zuerst eines.',
  appPasswordsUnnamed: 'Gib an, für welches Programm oder Gerät es ist, damit du es später wiedererkennst.',
  appPasswordsRemove: 'Widerrufen',
  appPasswordsRemoveNamed: 'App-Passwort für {{label}} widerrufen',
  mail: 'E-Mail',
  mailText: 'Ein Mailprogramm auf dem Telefon oder Computer einrichten.',
  mailInBrowser: 'E-Mails im Browser lesen und schreiben',
  mailAddresses: 'Deine Adressen',
  mailSetUp: 'Mailprogramm einrichten',
  mailSetUpHow:
    'Lege dafür ein App-Passwort an. Gib dann im Programm deine Adresse und dieses Passwort ein: Die meisten finden den Rest.',
  mailByHand: 'Falls es nach Servern fragt',
  mailIn: 'Posteingang (IMAP)',
  mailInPop3: 'Posteingang für Programme ohne IMAP (POP3)',
  mailOut: 'Postausgang (SMTP)',
  mailOutOlder: 'Postausgang für ältere Programme',
  mailPort: 'Port {{port}}, {{security}}',
  mailUser: 'Benutzername',
  mailPhone: 'Auf dem Telefon',
  mailPhoneHow: 'Richte die Kamera auf diesen Code, um diese Seite dort zu öffnen.',
  help: 'Hilfe',
  helpText: 'Passwort vergessen, Telefon verloren',
  forgotten: 'Ich habe mein Passwort vergessen',
  forgottenHow:
    'Bitte {{owner}} um eine neue Einladung. Mit dem Link darin legst du ein neues Passwort fest. Deine Passkeys und deinen zweiten Faktor behältst du.',
  lost: 'Ich habe mein Telefon oder meinen zweiten Faktor verloren',
  lostHow:
    'Wenn du Wiederherstellungscodes hast, melde dich mit einem davon an. Wenn nicht, bitte {{owner}} um Hilfe. {{owner}} vergewissert sich, dass du es wirklich bist, und schickt dir dann einen Link, mit dem du deine Anmeldung neu einrichtest.',
  stolen: 'Jemand anderes kennt vielleicht mein Passwort',
  stolenHow: 'Ändere es sofort und melde dich auf allen anderen Geräten ab. Sag dann {{owner}} Bescheid.',
  forAdmins: 'Anderen helfen',
  forAdminsHow:
    'Passwort vergessen: „haven user invite NAME“ ausführen und den Link weitergeben. Telefon verloren: „--lost-second-factor“ anhängen. Vergewissere dich vorher, dass es wirklich die Person ist.',
  logOut: 'Abmelden',
  loggedOut: 'Du bist abgemeldet',
  logInAgain: 'Wieder anmelden',
  status: 'Status',
  statusAt: 'Stand {{at}}',
  statusNone: 'Noch nicht geprüft.',
  up: 'läuft',
  down: 'hat ein Problem',
  off: 'ist gestoppt',
  changing: 'wird gerade aktualisiert',
  back: 'Zurück',
  notFound: 'Seite nicht gefunden',
  trouble: 'Da ist etwas schiefgegangen',
  troubleHow:
    'Versuch es in einer Minute noch einmal. Wenn es dann immer noch nicht geht, sag {{owner}} Bescheid.',
  notForYou: 'Diese Seite ist nur für Administratoren dieser Cloud.',
};

const texts = createInstance();
await texts.init({
  lng: 'en',
  fallbackLng: 'en',
  supportedLngs: ['en', 'de'],
  // The pages escape their values.
  interpolation: { escapeValue: false },
  resources: { en: { translation: en }, de: { translation: de } },
});

export const textsIn = (language: Language): TFunction => texts.getFixedT(language);

/** The best of our languages for a browser's Accept-Language header (RFC 9110 §12.5.4). */
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
