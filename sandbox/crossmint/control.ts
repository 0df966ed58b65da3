import type { Address } from 'viem'
import type { Funding, Settings } from './control-endpoints.ts'
import type { Fault, FaultMode, FaultSpec, FaultVariant } from './faults.ts'
import type { EntryType, JournalEntry } from './journal.ts'
import type { WebhookEndpoint } from './options.ts'
import type { Message, ProviderFailure, Wallet } from './records.ts'
import type { viewTransaction } from './transactions.ts'

export type { Fault, FaultMode, FaultSpec, FaultVariant, JournalEntry, Settings }

export type Control = ReturnType<typeof controlOf>

type EntryOf<Type extends EntryType> = Extract<JournalEntry, { type: Type }>

/** The controls of a running simulator. `url` is the one it is called at, with `/api` or without. */
export function controlOf(url: string) {
  const base = `${new URL(url).origin}/_sim`

  async function call<Result>(method: string, path: string, body?: unknown): Promise<Result> {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = await response.json()
    if (!response.ok) throw new Error(`The simulator refused ${method} ${path}: ${answer.message}`)
    return answer
  }

  return {
    /** Makes a fault happen: once, `count` times, or with a `probability`. */
    inject: (spec: FaultSpec) => call<Fault>('POST', '/faults', spec),
    /** Faults with how often each happened and still will. */
    faults: () => call<Fault[]>('GET', '/faults'),
    /** Ends one fault, or all. What already happened stays. */
    clear: (id?: number) => call<null>('DELETE', id === undefined ? '/faults' : `/faults/${id}`),

    /** What happened, in order. `since` is the `seq` of the last entry already seen. */
    journal: <Type extends EntryType = EntryType>(query: { type?: Type; since?: number } = {}) => {
      const given = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)])
      return call<EntryOf<Type>[]>('GET', `/journal?${new URLSearchParams(given)}`)
    },
    clearJournal: () => call<null>('DELETE', '/journal'),

    /** Forgets faults, journal and changed settings; with `state` also wallets, transactions and webhooks. */
    reset: (options: { state?: boolean } = {}) => call<null>('POST', '/reset', options),
    /** Changes the undocumented ways of Crossmint, the relayer, or the rate limit. */
    configure: (settings: Settings) => call<Settings>('PATCH', '/settings', settings),

    /** Mints USDC, in base units. */
    fund: (...fundings: { address: Address; amount: bigint; chain?: string }[]) =>
      call<null>(
        'POST',
        '/fund',
        fundings.map(({ amount, ...rest }): Funding => ({ ...rest, amount: amount.toString() })),
      ),
    wallets: () => call<Wallet[]>('GET', '/wallets'),
    transactions: () => call<ReturnType<typeof viewTransaction>[]>('GET', '/transactions'),
    /** Lets a transaction that a fault holds go on, or fails it with `error`. */
    advance: (transactionId: string, error?: ProviderFailure) =>
      call<ReturnType<typeof viewTransaction>>('POST', `/transactions/${transactionId}/advance`, { error }),

    /** Where webhooks go from now on. */
    setWebhook: (endpoint: WebhookEndpoint | null) => call<null>('PUT', '/webhook', endpoint),
    webhooks: () => call<Message[]>('GET', '/webhooks'),
    resend: (messageId: string) => call<null>('POST', `/webhooks/${messageId}/resend`),

    /** Lets the rate limiter's clock run ahead by milliseconds. */
    advanceClock: (milliseconds: number) => call<null>('POST', '/clock', { advance: milliseconds }),
    /** F12: removes the newest blocks and what they held. `resend` makes the relayer send our transactions in them again. */
    reorg: (options: { depth: number; chain?: string; resend?: boolean }) =>
      call<{ removed: string[]; transactions: string[] }>('POST', '/reorg', options),
  }
}
