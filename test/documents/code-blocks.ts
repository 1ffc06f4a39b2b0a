/** A fenced block of a document. */
export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** Line of its fence, counting from 1. */
  readonly line: number;
  /** The heading that it stands below. */
  readonly heading: string;
}

/** The fenced blocks of a document in Markdown, in their order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let heading = '';
  let open: { readonly language: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)\s*$/.exec(line);
    if (open === undefined && fence !== null) open = { language: fence[1]!, line: index + 1, lines: [] };
    else if (open !== undefined && fence?.[1] === '') {
      blocks.push({ language: open.language, line: open.line, heading, text: `${open.lines.join('\n')}\n` });
      open = undefined;
    } else if (open !== undefined) open.lines.push(line);
    else heading = /^#+ (.*)/.exec(line)?.[1] ?? heading;
  }
  if (open !== undefined) throw new Error(`the block at line ${open.line} has no end`);
  return blocks;
}
