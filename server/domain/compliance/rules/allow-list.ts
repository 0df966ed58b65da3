import type { Check } from '../../../contract/entities.ts'
import { type Facts, type Question, subjectsOf } from '../question.ts'
import { satisfied, unsatisfied } from './checks.ts'
import type { Of } from './index.ts'

/** Asks that each party be on a list. */
export function allowList(rule: Of<'allow-list'>, question: Question, { listed }: Facts): Check {
  const { list, parties, otherwise } = rule
  const subjects = subjectsOf(question)
  for (const party of parties) {
    const entry = listed.find(
      (one) => one.kind === 'allow' && one.list === list && subjects[party].includes(one.subject),
    )
    if (!entry)
      return unsatisfied(
        'allow-list',
        otherwise,
        'NOT_ON_ALLOW_LIST',
        `The ${party} ${question.parties[party]} is not on the list "${list}".`,
        `Have the ${party} added to "${list}" by whoever keeps that list.`,
        { list },
      )
  }
  return satisfied('allow-list', 'ON_ALLOW_LIST', `Everybody who must be is on the list "${list}".`, { list })
}
