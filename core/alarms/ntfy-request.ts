import type { AlarmMessage } from './alarm-message.ts';

/** An HTTP request that delivers a message. */
export interface DeliveryRequest {
  address: string;
  headers: Record<string, string>;
  body: string;
}

/** What ntfy calls urgent is 5 and its default 3 (docs.ntfy.sh, "Message priority"). */
const styles = {
  alarm: { priority: '4', tags: 'warning' },
  good: { priority: '3', tags: 'white_check_mark' },
  notice: { priority: '3', tags: 'information_source' },
  test: { priority: '3', tags: 'bell' },
};

/** A message as ntfy takes it (docs.ntfy.sh, "Publishing"). `click` is the page that a tap on it opens. */
export function ntfyRequest(
  message: AlarmMessage,
  { server, topic, token, click }: { server: string; topic: string; token?: string; click?: string },
): DeliveryRequest {
  const { priority, tags } = styles[message.kind];
  return {
    address: `${server.replace(/\/$/, '')}/${topic}`,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      title: message.title,
      priority,
      tags,
      ...(click === undefined ? {} : { click }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: message.text,
  };
}
