/** How a command ends, for scripts and CI: the one table, shown in docs/commands.md. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  changes: 2,
  unreachable: 3,
  declined: 4,
  // EX_USAGE (sysexits.h), so that a misspelt flag is never taken for one of the others.
  usage: 64,
  // 128 and the signal's number, as shells count (POSIX, 2.8.2).
  interrupted: 130,
} as const;

export type ExitCode = keyof typeof exitCodes;

export const exitCodeMeanings: Record<ExitCode, string> = {
  ok: 'Done, or there was nothing to do.',
  failed:
    'Something is wrong: in haven.yaml, at a provider, on the server. Of `haven status` and `haven doctor`: a check failed.',
  changes: 'Of `haven plan` alone: there are changes.',
  unreachable:
    'The server or a provider did not answer, so nothing is known. Of `haven plan`: not everything could be verified.',
  declined: 'The command needs a yes that was not given. Nothing was changed.',
  usage: 'What was typed is not valid: a command, an argument or a flag. Nothing was changed.',
  interrupted: 'Ended by Ctrl-C at a question. Nothing was changed.',
};
