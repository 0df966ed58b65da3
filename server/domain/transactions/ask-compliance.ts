import { randomUUID } from 'node:crypto'
import type { TransactionRow } from '../../../db/schema.ts'
import type { Check } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { decideAgain } from '../compliance/decide.ts'
import type { NewDecision } from '../compliance/refusal.ts'
import { strictest } from '../compliance/rules/checks.ts'
import { type Asked, purposeOf } from './purpose.ts'

/** What compliance has against a transaction that was accepted. */
export interface Objection {
  check: Check
  /** The decision that has the check, to be stored if it is acted on. */
  decision: NewDecision
  /** Whoever attests did not answer, and that is all: they may when they are asked later. */
  isSilence: boolean
}

/** How compliance stands to a transaction, and the version of the rules it went by. */
export interface Standpoint {
  objection: Objection | null
  /** Whatever it says, to be stored if it is acted on. */
  decision: NewDecision
  rulesVersion: bigint
}

/** Asks compliance again about a transaction that was accepted. */
export async function askCompliance(services: Services, transaction: TransactionRow): Promise<Standpoint> {
  const standpoints = await askComplianceAbout(services, [transaction])
  return standpoints.get(transaction.id)!
}

/**
 * Asks everybody again about a transaction before it goes to whoever signs it: compliance, and if that has nothing against it the chain,
 * where what the chain says can have changed. `calls` is what is to be submitted then, as JSON, where that is made by what the chain said.
 *
 * @throws ChainUnavailable
 */
export async function askEverybody(
  services: Services,
  transaction: TransactionRow,
): Promise<Standpoint & { calls?: string | undefined }> {
  const standpoint = await askCompliance(services, transaction)
  if (standpoint.objection) return standpoint
  const said = await purposeOf(transaction).ready?.(services, transaction)
  if (!said) return standpoint
  const { calls, checks, against } = said
  const [check] = against
  if (!check) return { ...standpoint, calls }
  const all = [...standpoint.decision.answer.checks, ...checks]
  const decision = { ...standpoint.decision, answer: { outcome: strictest(all).outcome, checks: all } }
  return { ...standpoint, decision, objection: { check, decision, isSilence: false } }
}

/** Asks compliance again about transactions that were accepted. The answers are by their ids. */
export async function askComplianceAbout(
  services: Services,
  transactions: readonly TransactionRow[],
): Promise<Map<string, Standpoint>> {
  const asked = await questionsAbout(services, transactions)
  const standpoints = transactions.map(async (transaction): Promise<[string, Standpoint]> => {
    const { question, isReviewed } = asked.get(transaction.id)!
    const facts = await services.readFacts(transaction.app_id, question)
    const { rulesVersion, policy } = facts
    const answer = decideAgain(question, facts)
    // what waits for an officer, or was let pass by one, needs no second look; a refusal stands against that too
    const isForOfficers = transaction.state === 'held' || isReviewed
    const against = answer.checks.filter(
      ({ outcome }) => outcome === 'deny' || (outcome === 'review' && !isForOfficers),
    )
    const check = against.find((one) => !isSilence(one)) ?? against[0]
    const decision: NewDecision = {
      id: randomUUID(),
      appId: transaction.app_id,
      question,
      answer,
      rulesVersion,
      policy,
    }
    const objection = check ? { check, decision, isSilence: isSilence(check) } : null
    return [transaction.id, { objection, decision, rulesVersion }]
  })
  return new Map(await Promise.all(standpoints))
}

const isSilence = ({ code }: Check): boolean => code === 'KYC_UNANSWERED' || code === 'JURISDICTION_UNANSWERED'

async function questionsAbout(
  services: Services,
  transactions: readonly TransactionRow[],
): Promise<ReadonlyMap<string, Asked>> {
  const byPurpose = Map.groupBy(transactions, purposeOf)
  const asked = await Promise.all([...byPurpose].map(([purpose, some]) => purpose.ask(services, some)))
  return new Map(asked.flatMap((some) => [...some]))
}
