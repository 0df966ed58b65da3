import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Address } from 'viem'
import { readTransfers } from '../../sandbox/chain/read-transfers.ts'

// A process of its own that knows the chain and a list of intentions, and nothing of the service: it reads every Transfer log of the
// token and says how often each intention was paid.
//
//   node tests/crash/count-transfers.ts --rpc URL --token ADDRESS --intentions FILE

/** One intended payment. No two have the same payer, recipient and amount, so that the chain tells them apart. */
export interface Intention {
  payer: Address
  recipient: Address
  /** Base units, in decimal. */
  amount: string
  /** `answered`: the service promised it. `unanswered`: it was asked, and no answer came. `refused`: it answered with a refusal. */
  outcome: 'answered' | 'unanswered' | 'refused'
}

export interface Count {
  intentions: number
  answered: number
  unanswered: number
  refused: number
  /** Transfers of the intended payers that the chain shows. */
  transfers: number
  /** Intentions that the chain shows once. */
  paid: number
  /** Intentions that the chain shows more than once. */
  doubled: Intention[]
  /** Answered, and the chain does not show it. */
  lost: Intention[]
  /** Refused, and the chain shows it. */
  paidThoughRefused: Intention[]
  /** Unanswered, and the chain shows it: allowed, once. */
  paidUnanswered: number
  /** Transfers of a payer that nobody intended. */
  strange: { from: Address; to: Address; amount: string; transactionHash: string }[]
}

async function count(rpcUrl: string, token: Address, intentions: Intention[]): Promise<Count> {
  const keyOf = (from: string, to: string, amount: bigint | string) => `${from} ${to} ${amount}`.toLowerCase()
  const payers = new Set(intentions.map(({ payer }) => payer.toLowerCase()))
  const made = (await readTransfers(rpcUrl, token)).filter(({ from }) => payers.has(from.toLowerCase()))
  const times = new Map<string, number>()
  for (const { from, to, amount } of made) {
    const key = keyOf(from, to, amount)
    times.set(key, (times.get(key) ?? 0) + 1)
  }
  const timesOf = ({ payer, recipient, amount }: Intention) => times.get(keyOf(payer, recipient, amount)) ?? 0
  const intended = new Set(intentions.map(({ payer, recipient, amount }) => keyOf(payer, recipient, amount)))
  if (intended.size !== intentions.length) throw new Error('Two intentions cannot be told apart on the chain')

  const of = (outcome: Intention['outcome']) => intentions.filter((one) => one.outcome === outcome)
  return {
    intentions: intentions.length,
    answered: of('answered').length,
    unanswered: of('unanswered').length,
    refused: of('refused').length,
    transfers: made.length,
    paid: intentions.filter((one) => timesOf(one) === 1).length,
    doubled: intentions.filter((one) => timesOf(one) > 1),
    lost: of('answered').filter((one) => timesOf(one) === 0),
    paidThoughRefused: of('refused').filter((one) => timesOf(one) > 0),
    paidUnanswered: of('unanswered').filter((one) => timesOf(one) === 1).length,
    strange: made
      .filter(({ from, to, amount }) => !intended.has(keyOf(from, to, amount)))
      .map((one) => ({ ...one, amount: String(one.amount) })),
  }
}

const { values } = parseArgs({
  options: { rpc: { type: 'string' }, token: { type: 'string' }, intentions: { type: 'string' } },
})
const intentions = JSON.parse(await readFile(values.intentions!, 'utf8')) as Intention[]
console.log(JSON.stringify(await count(values.rpc!, values.token as Address, intentions)))
