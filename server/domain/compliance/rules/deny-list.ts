import type { Check } from '../../../contract/entities.ts'
import { type Facts, type Question, subjectsOf } from '../question.ts'

/** Denies an action in which somebody on a deny list takes part, in whatever role. Always asked. */
export const denyList = (question: Question, facts: Facts): Check =>
  onNoList(question, facts, {
    rule: 'deny-list',
    kind: 'deny',
    denied: 'ADDRESS_ON_DENY_LIST',
    allowed: 'ADDRESSES_NOT_LISTED',
  })

/** Denies an action in which somebody on a sanctions list takes part. Always asked. */
export const sanctions = (question: Question, facts: Facts): Check =>
  onNoList(question, facts, {
    rule: 'sanctions',
    kind: 'sanctions',
    denied: 'SANCTIONED',
    allowed: 'NOT_SANCTIONED',
  })

interface About {
  rule: string
  kind: 'deny' | 'sanctions'
  denied: string
  allowed: string
}

function onNoList(question: Question, { listed }: Facts, { rule, kind, denied, allowed }: About): Check {
  for (const [party, subjects] of Object.entries(subjectsOf(question))) {
    const entry = listed.find((one) => one.kind === kind && subjects.includes(one.subject))
    if (!entry) continue
    return {
      rule,
      outcome: 'deny',
      code: denied,
      message: `The ${party} ${entry.subject} is on the list "${entry.list}": ${entry.reason}`,
      list: entry.list,
      evidence: null,
      remedy: `Use another ${party}, or have the entry removed from "${entry.list}" by whoever keeps that list.`,
    }
  }
  return {
    rule,
    outcome: 'allow',
    code: allowed,
    message: `Nobody in this action is on a ${kind} list.`,
    list: null,
    evidence: null,
    remedy: null,
  }
}
