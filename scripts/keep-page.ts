import { readFile, writeFile } from 'node:fs/promises'

/**
 * Writes a page of docs/ from its paragraphs. When the command has `--check`, only tells, and fails, if the page is not what is
 * there.
 */
export async function keepPage(name: string, paragraphs: readonly string[]): Promise<void> {
  const file = new URL(`../docs/${name}`, import.meta.url)
  const text = `${paragraphs.join('\n\n')}\n`
  if (!process.argv.includes('--check')) return await writeFile(file, text)
  if ((await readFile(file, 'utf8').catch(() => '')) === text) return
  console.error(`docs/${name} is not what the code says: run \`npm run docs\``)
  process.exitCode = 1
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return lines.toSpliced(1, 0, `|${'---|'.repeat(head.length)}`).join('\n')
}
