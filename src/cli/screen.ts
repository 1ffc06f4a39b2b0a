import type { WriteStream } from 'node:tty';

/** A whole terminal to draw on, given back as it was. */
export interface Screen {
  /** Shows these lines from the top; those that do not fit are left out. */
  readonly draw: (lines: readonly string[]) => void;
  readonly width: () => number;
  readonly height: () => number;
  readonly close: () => void;
}

/** What is drawn on where the terminal does not tell how large it is. */
const USUAL = { columns: 80, rows: 24 };

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_TO_END_OF_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** Takes the terminal's second screen, so that what stood on the first is there again afterwards. */
export function openScreen(terminal: WriteStream): Screen {
  // However the process ends, the user gets the cursor back.
  const leave = () => terminal.write(LEAVE);
  terminal.write(ENTER);
  process.once('exit', leave);
  return {
    draw: (lines) => {
      const visible = lines.slice(0, terminal.rows || USUAL.rows);
      // Lines are overwritten, never cleared first: a cleared screen flickers.
      const text = visible.map((line) => line + CLEAR_TO_END_OF_LINE).join('\r\n');
      terminal.write(HOME + text + (visible.length < (terminal.rows || USUAL.rows) ? CLEAR_BELOW : ''));
    },
    width: () => terminal.columns || USUAL.columns,
    height: () => terminal.rows || USUAL.rows,
    close: () => {
      process.off('exit', leave);
      leave();
    },
  };
}
