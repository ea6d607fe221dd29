import ts from 'typescript';

/** A phrase to avoid in texts that a person reads, and what to write instead (docs/text-guide.md). */
export interface Phrase {
  pattern: RegExp;
  say: string;
  /** Only in these files; everywhere if left out. */
  files?: RegExp;
}

/** A blank in a pattern also fits a line break. */
const phrase = ({ source, flags }: RegExp, say: string): Phrase => ({
  pattern: new RegExp(source.replaceAll(' ', '\\s+'), flags),
  say,
});

export const phrases: Phrase[] = [
  phrase(/(?<!\bthere )\bis no (?!longer\b)\w+/gi, '"is not a …"'),
  phrase(/\bmend(s|ed|ing)?\b/gi, '"fix"'),
  phrase(/\banew\b/gi, '"again", or name the action: "rebuild", "restart"'),
  phrase(
    /(?<!lower-case |capital |small |first |single |with a |of its )\bletters?\b(?!,? (and|or)? ?digits)/gi,
    '"email"; for characters: "lower-case letters", "characters"',
  ),
  phrase(/\be-mails?\b/g, '"email"'),
  phrase(/\b(some|any)body\b/gi, '"someone", "anyone", or the role: "a user", "the owner"'),
  phrase(/\bwhoever\b/gi, '"anyone who", or the role: "a user who"'),
  phrase(/\bby itself\b/gi, '"automatically", "on its own", or nothing'),
  phrase(/\bcomes? to grief\b/gi, '"fails"'),
  phrase(/\b(is|are) there (already|yet)\b/gi, '"already exists"'),
  phrase(/\bstands? (there|in|at|on|before|first|last|twice|beside|below)\b/gi, '"is", "comes first"'),
  phrase(/\bl(ies|ay) (in|on|at|beside|outside|below|there)\b/gi, '"is in", "is stored in"'),
  phrase(/\bpeople's door\b/gi, '"portal"'),
  phrase(/\bfront[- ]door\b/gi, '"reverse proxy"'),
  phrase(/\bsteward\b/gi, '"agent"'),
  phrase(/\brehears(al|e|ed)\b/gi, '"sandbox"'),
  phrase(/\bstand-ins?\b/gi, '"stub" (an image), "emulator" (an API)'),
  phrase(/\bleased?\b/gi, '"deploy lock"'),
  phrase(/\berrands?\b/gi, '"pending task"'),
  phrase(/\bheirs?\b/gi, '"successor"'),
  phrase(/\b(drill|drills|drilled)\b/gi, '"crash test"'),
  phrase(/\busual(ly)?\b/gi, '"default", "normal", "often"'),
  phrase(/\bshall\b/gi, '"must", "will", "should"'),
  phrase(/\bswitch(es|ed|ing)? (it |them )?off\b/gi, '"disable" (a user), "stop" (a service)'),
  phrase(/\bt(ake|akes|aken|ook|aking) back\b/gi, '"undo" (a change), "revoke" (an app password)'),
  phrase(/\b(the|a|your|their|our|its) ways? in\b/gi, '"login", "invitation"'),
  phrase(/\b(go|goes|going|went) back with\b/gi, '"is rolled back with"'),
  phrase(/\b(can|could|cannot|can't|not) be had\b/gi, '"is (not) available", "could not be downloaded"'),
  phrase(/\bgood for once\b/gi, '"works once"'),
  phrase(/\bin vain\b/gi, '"without success"'),
  phrase(/\beras(e|es|ed|ing)\b/gi, '"delete"'),
  phrase(/\bis said\b/gi, '"is reported", "is shown"'),
  phrase(/\bInvalid input\b|\bexpected \w+, received\b/g, "the owner's words (core/config/issue-text.ts)"),
  {
    pattern: /\b(Sie|Ihnen|Ihre?[nmrs]?)\b/g,
    say: 'du, dir, dein',
    files: /^images\/portal\/|invitation-email/,
  },
];

export interface FoundPhrase {
  line: number;
  found: string;
  say: string;
}

/** The phrases in a file that a person reads there: in TypeScript comments and strings, elsewhere everything. */
export function findPhrases(file: string, text: string): FoundPhrase[] {
  const whole = unwrapped(text);
  const wanted = phrases.filter(
    ({ pattern, files }) => (files?.test(file) ?? true) && whole.search(pattern) >= 0,
  );
  if (wanted.length === 0) return [];
  const found = readable(file, text).flatMap(({ start, end }) =>
    wanted.flatMap(({ pattern, say }) =>
      [...unwrapped(text.slice(start, end)).matchAll(pattern)].map((match) => ({
        line: text.slice(0, start + match.index).split('\n').length,
        found: match[0].replaceAll(/\s+/g, ' '),
        say,
      })),
    ),
  );
  return found.sort((a, b) => a.line - b.line);
}

/** A comment's line break and its star become blanks, so that a phrase is also found across lines. */
const unwrapped = (text: string): string =>
  text.replaceAll(/\n *(\*|\/\/|#)?/g, (all) => ' '.repeat(all.length));

interface Span {
  start: number;
  end: number;
}

function readable(file: string, text: string): Span[] {
  if (!file.endsWith('.ts')) return [{ start: 0, end: text.length }];
  const spans = new Map<number, Span>();
  const add = (start: number, end: number) => spans.set(start, { start, end });
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    for (const { pos, end } of [
      ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
    ])
      add(pos, end);
    const isImport = ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      add(node.getStart(source), node.getEnd());
    for (const child of node.getChildren(source)) if (!(isImport && ts.isStringLiteral(child))) visit(child);
  };
  visit(source);
  return joinLineComments(
    [...spans.values()].sort((a, b) => a.start - b.start),
    text,
  );
}

/** Line comments below each other are one text. */
function joinLineComments(spans: Span[], text: string): Span[] {
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    const isNext =
      last !== undefined &&
      text.startsWith('//', last.start) &&
      text.startsWith('//', span.start) &&
      /^\n\s*$/.test(text.slice(last.end, span.start));
    if (isNext) last.end = span.end;
    else joined.push({ ...span });
  }
  return joined;
}
