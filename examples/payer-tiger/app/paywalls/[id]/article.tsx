import type { Piece } from '@/lib/content.ts'

/** The text that was paid for. */
export function Article({ piece }: { piece: Piece }) {
  return (
    <article className="article">
      {piece.body.map((paragraph) =>
        paragraph.startsWith('## ') ? (
          <h2 key={paragraph}>{paragraph.slice(3)}</h2>
        ) : (
          <p key={paragraph}>{paragraph}</p>
        ),
      )}
    </article>
  )
}
