/** A fenced block of a page: its language, what stands beside it (`background`, the name of a file), and its text. */
export interface Block {
  language: string
  label: string
  text: string
  line: number
}

export const blocksOf = (page: string): Block[] =>
  [...page.matchAll(/^```(\w*) ?(.*)\n([\s\S]*?)^```$/gm)].map(({ 1: language, 2: label, 3: text, index }) => ({
    language: language!,
    label: label!,
    text: text!,
    line: page.slice(0, index).split('\n').length,
  }))

/** Whether these lines are among what was written, in their order; `…` stands for anything. */
export function isAmong(lines: string, written: string): boolean {
  const found = written.split('\n').map((line) => line.trim())
  let from = 0
  for (const line of lines.trim().split('\n')) {
    const pattern = new RegExp(
      `^${line
        .trim()
        .split('…')
        .map((text) => text.replaceAll(/[^\w ]/g, '\\$&'))
        .join('.*')}$`,
    )
    const at = found.findIndex((candidate, index) => index >= from && pattern.test(candidate))
    if (at < 0) return false
    from = at + 1
  }
  return true
}
