const colours: Record<string, string> = {
  '31': '#ff7b72',
  '32': '#7ee787',
  '33': '#e3b341',
  '34': '#79c0ff',
  '35': '#d2a8ff',
  '36': '#76e3ea',
  '90': '#8b949e',
};

/** A page that shows a command and its coloured output as a terminal does (ECMA-48 §8.3.117, SGR). */
export function renderTerminalPage(command: string, output: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<style>
  body { margin: 0; padding: 24px; background: #0d1117; color: #e6edf3; width: max-content }
  pre { margin: 0; font: 14px/1.5 'DejaVu Sans Mono', monospace }
</style>
<pre>${escapeHtml(`$ ${command}\n`)}${renderColours(output.trim())}</pre>
`;
}

function renderColours(output: string): string {
  let open = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins each control sequence.
  const text = escapeHtml(output).replaceAll(/\u001b\[([\d;]*)m/g, (_all, codes: string) => {
    const styles = codes.split(';').flatMap((code) => {
      if (code === '1') return ['font-weight:bold'];
      if (code === '2') return ['opacity:.65'];
      return colours[code] ? [`color:${colours[code]}`] : [];
    });
    if (styles.length > 0) {
      open += 1;
      return `<span style="${styles.join(';')}">`;
    }
    if (open === 0) return '';
    open -= 1;
    return '</span>';
  });
  return text + '</span>'.repeat(open);
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
