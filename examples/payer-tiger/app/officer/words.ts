import type { Approval, Asset, Check, Explanation } from '@provider-service/client'
import { formatAmount } from '@/lib/money.ts'
import { spanWords } from '@/lib/spans.ts'
import { short } from '@/lib/words.ts'

type Asked = Explanation['checks'][number]['asked']

const rules: Record<string, string> = {
  'deny-list': 'Deny lists',
  sanctions: 'Sanctions',
  'allow-list': 'Allow list',
  kyc: 'Verification',
  jurisdiction: 'Jurisdiction',
  threshold: 'Amount at once',
  limit: 'Limit over time',
  velocity: 'How often',
  recipients: 'Recipients',
  assets: 'Assets',
}

/** The name of a rule, as people say it. */
export const ruleWord = (rule: string): string => rules[rule] ?? rule

const outcomes = {
  allow: { word: 'Allowed', tone: 'badge-good' },
  review: { word: 'For an officer', tone: 'badge-warn' },
  deny: { word: 'Refused', tone: 'badge-bad' },
} as const

export const outcomeWord = (outcome: Check['outcome']) => outcomes[outcome]

/** What a rule found, with amounts as people write them where the rule as it was asked is known. */
export function checkSentence(check: Check, asked: Asked, asset: Asset, amount: bigint): string {
  const unit = (value: bigint) => formatAmount(value, asset)
  if (asked?.rule === 'threshold' && check.code === 'ABOVE_THRESHOLD')
    return `${unit(amount)} is more than ${unit(asked.above)}, which is what passes without an officer.`
  if (asked?.rule === 'threshold' && check.code === 'BELOW_THRESHOLD')
    return `${unit(amount)} is not more than the ${unit(asked.above)} that pass at once.`
  if (asked?.rule === 'limit' && asked.sum !== null && check.code === 'LIMIT_SUM_REACHED')
    return `With this, more than ${unit(asked.sum)} would have moved within ${spanWords(asked.windowSeconds)} ${
      asked.per === 'wallet' ? 'from this wallet' : 'in this shop'
    }.`
  if (asked?.rule === 'limit' && check.code === 'WITHIN_LIMIT')
    return `Within ${[asked.sum !== null && unit(asked.sum), asked.count !== null && `${asked.count} payments`]
      .filter(Boolean)
      .join(
        ' and ',
      )} in ${spanWords(asked.windowSeconds)} ${asked.per === 'wallet' ? 'from this wallet' : 'in this shop'}.`
  return check.message
}

/** Who is on a list: an address, or a wallet or person by the beginning of their id. */
export function subjectWords(subject: string): string {
  const [kind, id] = subject.split(':')
  return id ? `${kind === 'user' ? 'person' : kind} ${id.slice(0, 8)}` : short(subject)
}

/** What a privileged action would do, as a sentence without an end. */
export function actionWords(action: Approval['action']): string {
  switch (action.type) {
    case 'role.grant':
      return `Make somebody ${article(action.role)} ${action.role}`
    case 'role.revoke':
      return `Take the role ${action.role} from somebody`
    case 'policy.publish':
      return 'Put a new policy in force'
    case 'list.add':
      return `Put ${subjectWords(action.subject)} on the list “${action.list}”`
    case 'list.remove':
      return `Take ${subjectWords(action.subject)} off the list “${action.list}”`
    case 'list.publish':
      return `Replace what is on the list “${action.list}”: ${action.added} added, ${action.removed} removed, ${action.changed} changed`
    case 'hold.release':
      return 'End a legal hold'
    case 'purchases.policy':
      return 'Put new terms in force for buying from others'
    case 'eerc.operate':
    case 'eerc.transfer':
      return `Carry out ${action.operation} on a token`
  }
}

const article = (word: string) => (/^[aeiou]/.test(word) ? 'an' : 'a')
