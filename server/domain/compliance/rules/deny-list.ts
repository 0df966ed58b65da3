import type { Check } from '../../../contract/entities.ts'
import type { Facts, Question } from '../decide.ts'

/** An address that is on a list of the app. */
export interface ListedAddress {
  list: string
  address: string
  reason: string
}

/** Denies an action in which an address on a deny list takes part, in whatever role. */
export function denyList(question: Question, { listed }: Facts): Check {
  for (const [role, address] of Object.entries(question.addresses)) {
    const entry = listed.find((candidate) => candidate.address === address)
    if (!entry) continue
    return {
      rule: 'deny-list',
      outcome: 'deny',
      code: 'ADDRESS_ON_DENY_LIST',
      message: `The ${role} ${address} is on the list "${entry.list}": ${entry.reason}`,
      list: entry.list,
      remedy: `Use another ${role}, or have the entry removed from "${entry.list}" by whoever keeps that list.`,
    }
  }
  return {
    rule: 'deny-list',
    outcome: 'allow',
    code: 'ADDRESSES_NOT_LISTED',
    message: 'No address of this action is on a deny list.',
    list: null,
    remedy: null,
  }
}
