import { type Address, keccak256, parseAbi, toHex } from 'viem'
import { managed } from './abi.ts'
import { type Question, question } from './questions.ts'
import type { TokenOperationName } from './token-profile.ts'

/** The usual names of the role that each operation takes, most usual first. */
export const customaryRoles = {
  mint: ['MINTER_ROLE'],
  burn: ['BURNER_ROLE'],
  freeze: ['FREEZER_ROLE', 'FREEZING_ROLE', 'ENFORCER_ROLE'],
  'forced-transfer': ['FORCE_TRANSFER_ROLE', 'ENFORCER_ROLE'],
  pause: ['PAUSER_ROLE'],
  unpause: ['PAUSER_ROLE'],
  allow: ['WHITELIST_ROLE', 'WHITELISTER_ROLE'],
  disallow: ['WHITELIST_ROLE', 'WHITELISTER_ROLE'],
} as const satisfies Record<Exclude<TokenOperationName, 'transfer'>, readonly string[]>

/** What to ask a token to learn whether it knows these roles and whether an account has them. */
export function roleQuestions(token: Address, names: readonly string[], account: Address) {
  const questions: Record<string, Question<unknown>> = {}
  for (const name of names) {
    questions[name] = question(token, parseAbi([`function ${name}() view returns (bytes32)`] as const), name)
    questions[`has ${name}`] = question(token, managed, 'hasRole', idOf(name), account)
  }
  return questions
}

/** The first of these roles that the token knows, and whether the account has it; null where it knows none. */
export function roleIn(
  answers: Record<string, unknown>,
  names: readonly string[],
): { name: string; held: boolean } | null {
  const name = names.find((one) => answers[one] === idOf(one) && typeof answers[`has ${one}`] === 'boolean')
  return name === undefined ? null : { name, held: answers[`has ${name}`] === true }
}

const idOf = (name: string) => keccak256(toHex(name))
