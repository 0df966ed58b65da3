import type { Address, Hash } from 'viem'
import type { CallbackToSend } from './callback.ts'
import type { Settings } from './control-endpoints.ts'
import type { Fault, FaultMode, FaultSpec } from './faults.ts'
import type { EntryType, JournalEntry } from './journal.ts'
import type { Proposal, Standing } from './registry.ts'
import type { Stage, SubjectToAttest } from './settle.ts'
import type { Lie } from './simulator.ts'

export type {
  CallbackToSend,
  Fault,
  FaultMode,
  FaultSpec,
  JournalEntry,
  Lie,
  Settings,
  Stage,
  Standing,
  SubjectToAttest,
}

export type Control = ReturnType<typeof controlOf>

type EntryOf<Type extends EntryType> = Extract<JournalEntry, { type: Type }>

/** The controls of a running simulator. `url` is the one it is called at. */
export function controlOf(url: string) {
  const base = `${new URL(url).origin}/_sim`

  async function call<Result>(method: string, path: string, body?: unknown): Promise<Result> {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = await response.json()
    if (!response.ok) throw new Error(`The simulator refused ${method} ${path}: ${answer.error}`)
    return answer
  }

  return {
    /** Attests something about somebody on the chain, as far as `stage` says. Answers with the settlement's name. */
    attest: async (subject: Address | SubjectToAttest): Promise<Hash> => {
      const given = typeof subject === 'string' ? { subject } : subject
      return (await call<{ idHash: Hash }>('POST', '/settlements', given)).idHash
    },
    /** How a settlement stands on the chain; null where there is none. */
    standing: (idHash: Hash) => call<Standing | null>('GET', `/settlements/${idHash}`),
    /** The node proposes an outcome, which is the status from then on, and not final. What was final before is not any more. */
    propose: (idHash: Hash, outcome: Proposal) => call<null>('POST', `/settlements/${idHash}/propose`, { outcome }),
    /** Validators vote who have not yet: all of them by default, in favour by default. */
    vote: (idHash: Hash, votes: { agree?: boolean; count?: number } = {}) =>
      call<Hash[]>('POST', `/settlements/${idHash}/vote`, votes),
    /** Has every validator vote in favour, which makes it final. */
    finalize: (idHash: Hash) => call<Hash[]>('POST', `/settlements/${idHash}/vote`, {}),
    /** Has the HTTP interface say something else than the chain; null for the truth again. */
    contradict: (idHash: Hash, lie: Lie | null) => call<null>('PUT', `/settlements/${idHash}/lie`, lie),

    /** Makes a fault happen: until it is cleared, or `count` times. */
    inject: (spec: FaultSpec) => call<Fault>('POST', '/faults', spec),
    faults: () => call<Fault[]>('GET', '/faults'),
    /** Ends one fault, or all. */
    clear: (id?: number) => call<null>('DELETE', id === undefined ? '/faults' : `/faults/${id}`),

    /** Posts a callback; unsigned unless it is given a secret. Answers with the status that came back. */
    sendCallback: async (callback: CallbackToSend) =>
      (await call<{ status: number | null }>('POST', '/callbacks', callback)).status,

    configure: (settings: Settings) => call<null>('PATCH', '/settings', settings),

    /** What happened, in order. `since` is the `seq` of the last entry already seen. */
    journal: <Type extends EntryType = EntryType>(query: { type?: Type; since?: number } = {}) => {
      const given = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)])
      return call<EntryOf<Type>[]>('GET', `/journal?${new URLSearchParams(given)}`)
    },
    clearJournal: () => call<null>('DELETE', '/journal'),
    /** Forgets faults, lies, journal and settings. What is on the chain stays. */
    reset: () => call<null>('POST', '/reset'),

    /** Makes empty blocks: what is there becomes deeper. */
    mine: (blocks: number) => call<null>('POST', '/mine', { blocks }),
    /** Lets the chain's clock run ahead by seconds, and makes a block. */
    passTime: (seconds: number) => call<null>('POST', '/clock', { advance: seconds }),
    /** Replaces the newest blocks with empty ones. What they held did not happen. */
    reorg: (depth: number) => call<{ removed: Hash[] }>('POST', '/reorg', { depth }),
  }
}
