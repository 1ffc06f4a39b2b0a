/** Text that may stand in a page as it is: what `html` has made. Everything else is escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand between the parts of a template; undefined, null and false leave nothing. */
export type Content = Html | string | number | undefined | null | false | readonly Content[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * HTML as a template: what is put into it is text, and is escaped, unless `html` itself has made it. Attributes
 * must be quoted; no value may stand in a script, a style or the name of a tag.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(parts.reduce((text, part, index) => text + rendered(values[index - 1]) + part));
}

function rendered(content: Content): string {
  if (content instanceof Html) return content.text;
  if (content === undefined || content === null || content === false) return '';
  if (typeof content === 'string' || typeof content === 'number') {
    return String(content).replace(/[&<>"']/g, (character) => ESCAPES[character]!);
  }
  return content.map(rendered).join('');
}
