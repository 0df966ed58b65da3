'use server'

import { keepPiece, pieceOf } from '@/lib/content.ts'
import { asVisitor } from '@/lib/service.ts'
import { currentUser } from '@/lib/session.ts'

/** What stands behind a paywall, as its merchant writes it. */
export interface Text {
  /** A paragraph for everybody. */
  teaser: string
  /** For whoever has paid; paragraphs with an empty line between them. */
  text: string
}

/** Reads what one of the visitor's paywalls sells; null if there is nothing yet, or it is not theirs. */
export async function readText(paywallId: string): Promise<Text | null> {
  if (!(await isOwn(paywallId))) return null
  const piece = await pieceOf(paywallId)
  return piece && { teaser: piece.teaser, text: piece.body.join('\n\n') }
}

/** Puts a text behind one of the visitor's paywalls; answers whether it is theirs. */
export async function putUp(paywallId: string, { teaser, text }: Text): Promise<boolean> {
  if (!(await isOwn(paywallId))) return false
  await keepPiece(paywallId, { teaser: teaser.slice(0, 500), text: text.slice(0, 100_000) })
  return true
}

/** Actions are called by whoever likes to: whose a paywall is, the service says. */
async function isOwn(paywallId: string): Promise<boolean> {
  const user = await currentUser()
  if (!user) return false
  const { merchantId } = await (await asVisitor()).paywalls.get.query({ paywallId })
  return merchantId === user.id
}
