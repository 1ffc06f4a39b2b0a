import { type Content, type Html, html } from './html.ts';

/** A column of a table. The first one says what a row is about. */
export interface Column {
  readonly header: string;
  /** The header is for who cannot see what its cells are. */
  readonly isUnseen?: boolean;
  readonly kind?: 'number' | 'name' | 'nowrap' | 'button';
}

/** Rows under columns; on a phone each row becomes a block, with the headers beside its cells. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Content[])[],
  caption?: string,
): Html {
  const heads = columns.map(({ header, isUnseen, kind }) =>
    isUnseen === true
      ? html`<th scope="col" role="columnheader"><span class="unseen">${header}</span></th>`
      : html`<th scope="col" role="columnheader" class="${kind}">${header}</th>`,
  );
  // The roles stay where the style of a phone takes the display of a table away, and with it what it is.
  return html`<div class="table"><table role="table">${caption !== undefined && html`<caption>${caption}</caption>`}
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">${rows.map(
    (cells) => html`<tr role="row">${cells.map((cell, index) => cellOf(cell, columns[index]!, index))}</tr>
`,
  )}</tbody></table></div>`;
}

function cellOf(cell: Content, { header, kind, isUnseen }: Column, index: number): Html {
  if (index === 0) return html`<th scope="row" role="rowheader" class="${kind}">${cell}</th>`;
  return html`<td role="cell" class="${kind}" ${isUnseen !== true && html`data-label="${header}"`}><div>${cell}</div></td>`;
}

/** A name with dots, which may go on in the next line behind each of them. */
export function dotted(name: string): Html {
  const [first = '', ...others] = name.split('.');
  return html`${first}${others.map((part) => html`.<wbr>${part}`)}`;
}
