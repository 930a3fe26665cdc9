/**
 * The lines of a text that comes in pieces. They end with a line feed and nothing else: JSON leaves U+2028
 * and U+2029 as they are, at which other readers of lines cut too.
 */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop()!
    for (const line of lines) yield withoutReturn(line)
  }
  if (rest !== '') yield withoutReturn(rest)
}

/** A file that went through a mail or an editor may have got them. */
function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
