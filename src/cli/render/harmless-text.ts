/** Control characters, but for tabs and the ends of lines. */
const CONTROLS = /(?![\t\n\r])\p{Cc}/gu;

/** Where Unicode has pictures of the control characters below it. */
const PICTURES = 0x2400;

/**
 * Turns what somebody else's program has written into text that a terminal only shows: its control characters
 * become pictures of themselves, so that it can move no cursor and set no title. Pieces of one stream go through
 * the same function, since a character may be cut in two.
 */
export function harmlessText(): (bytes: Uint8Array) => string {
  const decoder = new TextDecoder();
  return (bytes) => decoder.decode(bytes, { stream: true }).replace(CONTROLS, pictureOf);
}

function pictureOf(control: string): string {
  const code = control.charCodeAt(0);
  return code < 0x20 ? String.fromCharCode(PICTURES + code) : '\ufffd';
}
