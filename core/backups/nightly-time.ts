import type { BackupSettings } from './backup-settings.ts';

/** When the nightly backup begins, as systemd's OnCalendar= takes it (systemd.time(7)). */
export const renderNightlyTime = ({ time, timeZone }: Pick<BackupSettings, 'time' | 'timeZone'>): string =>
  `*-*-* ${time}:00 ${timeZone}`;
