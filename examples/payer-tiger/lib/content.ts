import 'server-only'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { settings } from './settings.ts'

/** What a paywall stands before. */
export interface Piece {
  /** For everybody. */
  teaser: string
  /** Paragraphs, for whoever has paid. A line that begins with `## ` is a heading. */
  body: string[]
}

/**
 * Reads what a paywall sells; null if this shop has nothing for it. A file is paragraphs with an empty line between them, the first of which is the
 * teaser.
 */
export async function pieceOf(paywallId: string): Promise<Piece | null> {
  const text = await readFile(fileOf(paywallId), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  const [teaser = '', ...body] = text.split(/\n\s*\n/).map((paragraph) => paragraph.trim().replaceAll('\n', ' '))
  return { teaser, body: body.filter(Boolean) }
}

/** Keeps what a new paywall sells, in place of what there was. */
export async function keepPiece(paywallId: string, { teaser, text }: { teaser: string; text: string }): Promise<void> {
  await mkdir(settings().contentDirectory, { recursive: true })
  await writeFile(fileOf(paywallId), `${teaser.trim().replace(/\s*\n\s*/g, ' ')}\n\n${text.trim()}\n`)
}

/** Minutes that reading takes. */
export const minutesOf = ({ body }: Piece): number => Math.max(1, Math.round(body.join(' ').split(/\s+/).length / 220))

function fileOf(paywallId: string): string {
  if (!/^[\w-]{1,64}$/.test(paywallId)) throw new Error('That is no id')
  return join(settings().contentDirectory, `${paywallId}.md`)
}
