import type { BlockView } from './block-view.ts'
import type { RefusalReason, SatisfiedReason, TokenCheck } from './token-profile.ts'

/** The block that a check rests on, for `evidence`. */
export const evidenceOf = ({ number, hash }: Pick<BlockView, 'number' | 'hash'>): string => `block ${number} ${hash}`

/** What a check says that found nothing against it. */
export const satisfy = (rule: string, code: SatisfiedReason, message: string, evidence: string): TokenCheck => ({
  rule,
  outcome: 'allow',
  code,
  message,
  list: null,
  evidence,
  remedy: null,
})

/** What a check says that found something, and what would help. */
export const refuse = (
  rule: string,
  code: RefusalReason,
  message: string,
  remedy: string,
  evidence: string,
): TokenCheck => ({ rule, outcome: 'deny', code, message, list: null, evidence, remedy })

/** Words of a contract, which may be anything: as one line of no great length. */
export const quoted = (words: string): string => {
  const line = words.replace(/\p{C}+/gu, ' ').trim()
  return `“${line.length > 200 ? `${line.slice(0, 200)}…` : line}”`
}
