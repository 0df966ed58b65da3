/**
 * What a node's answer to a signed transaction allows us to conclude.
 *
 * `taken`: it has it. `used`: a transaction with this nonce is on the chain, or the node has another one. `refused`: it will never take this
 * one. `blocked`: it takes none of this key now, this one included. `unknown`: it may have it.
 */
export type Verdict = 'taken' | 'used' | 'refused' | 'blocked' | 'unknown'

// by their words: nodes give nearly all of them the same code
const verdicts: readonly [words: RegExp, verdict: Verdict][] = [
  [/already known|known transaction|already imported|already in (the )?(mem)?pool/i, 'taken'],
  [/nonce too low|replacement transaction underpriced|nonce.*already used/i, 'used'],
  [/intrinsic gas too low|gas too low|floor data gas/i, 'refused'],
  [/exceeds block gas limit|gas limit too high|gas limit .*(exceed|above)|exceeds .*gas (limit|cap)/i, 'refused'],
  [/oversized data|max initcode size|transaction type not supported/i, 'refused'],
  [/non-allow listed address/i, 'blocked'],
  [/insufficient funds|insufficient balance/i, 'blocked'],
  [/underpriced|less than block base fee|fee cap|below the minimum|exceeds the configured cap/i, 'blocked'],
  [/invalid chain id|invalid sender/i, 'blocked'],
]

/** Of what a node said instead of a hash. What it did not say, such as nothing at all, is `unknown`. */
export const verdictOn = (message: string): Verdict => verdicts.find(([words]) => words.test(message))?.[1] ?? 'unknown'
