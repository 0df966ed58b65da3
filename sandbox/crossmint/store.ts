import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Address } from 'viem'
import type { Cursor, Message, Signature, Transaction, Transfer, Wallet } from './records.ts'

interface Kinds {
  wallet: Wallet
  transaction: Transaction
  signature: Signature
  transfer: Transfer
  message: Message
  cursor: Cursor
}

type Kind = keyof Kinds

const keyOf: { [K in Kind]: (record: Kinds[K]) => string } = {
  wallet: ({ address }) => address,
  transaction: ({ id }) => id,
  signature: ({ id }) => id,
  transfer: ({ id }) => id,
  message: ({ id }) => id,
  cursor: ({ chain }) => chain,
}

export type Store = ReturnType<typeof openStore>

/**
 * Everything the simulator knows, in memory, and with a `file` also as lines appended to it: the whole record each time it changes,
 * written before the caller is answered, so that a killed process forgets nothing it has promised.
 */
export function openStore(file?: string) {
  const maps: { [K in Kind]: Map<string, Kinds[K]> } = {
    wallet: new Map(),
    transaction: new Map(),
    signature: new Map(),
    transfer: new Map(),
    message: new Map(),
    cursor: new Map(),
  }
  const transactionsByHash = new Map<string, Transaction>()
  const transactionsByWallet = new Map<Address, Map<string, Transaction>>()
  /** Not yet ended, by wallet and chain: they hold nonces. */
  const unfinished = new Map<string, Map<string, Transaction>>()
  const created = new Map<string, { id: string; hash: string }>()
  const walletsByName = new Map<string, Wallet>()

  function put<K extends Kind>(kind: K, record: Kinds[K]) {
    maps[kind].set(keyOf[kind](record), record)
    if (kind === 'transaction') indexTransaction(record as Transaction)
    if (kind === 'wallet') {
      const { projectId, owner, alias } = record as Wallet
      if (owner !== null || alias !== null)
        walletsByName.set(JSON.stringify([projectId, owner, alias]), record as Wallet)
    }
    if (kind === 'wallet' || kind === 'transaction' || kind === 'signature') {
      const { creation, projectId } = record as Wallet | Transaction | Signature
      const { key, hash, endpoint } = creation
      const id = keyOf[kind](record)
      if (key !== null) created.set(creationKey(projectId, endpoint, key), { id, hash })
    }
  }

  function indexTransaction(transaction: Transaction) {
    transactionsByHash.set(transaction.userOperationHash, transaction)
    mapOf(transactionsByWallet, transaction.wallet).set(transaction.id, transaction)
    const lane = mapOf(unfinished, `${transaction.wallet} ${transaction.chain}`)
    if (transaction.status === 'success' || transaction.status === 'failed') lane.delete(transaction.id)
    else lane.set(transaction.id, transaction)
  }

  const snapshot = () =>
    (Object.keys(maps) as Kind[])
      .flatMap((kind) => [...maps[kind].values()].map((record) => `${JSON.stringify([kind, record])}\n`))
      .join('')

  function compact() {
    if (!file) return
    writeFileSync(`${file}.new`, snapshot())
    renameSync(`${file}.new`, file)
  }

  if (file) {
    mkdirSync(dirname(file), { recursive: true })
    for (const [kind, record] of existsSync(file) ? readLines(file) : []) put(kind, record)
    compact()
  }

  return {
    maps,
    transactionsByHash,

    /** Remembers a new or changed record. */
    save<K extends Kind>(kind: K, record: Kinds[K]) {
      put(kind, record)
      if (file) appendFileSync(file, `${JSON.stringify([kind, record])}\n`)
    },

    transactionsOf: (wallet: Address): Iterable<Transaction> => transactionsByWallet.get(wallet)?.values() ?? [],

    unfinishedOf: (wallet: Address, chain: string): Iterable<Transaction> =>
      unfinished.get(`${wallet} ${chain}`)?.values() ?? [],

    /** The wallet of an owner, or of the project itself (`owner` null) by its alias. */
    walletOf: (projectId: string, owner: string | null, alias: string | null): Wallet | undefined =>
      walletsByName.get(JSON.stringify([projectId, owner, alias])),

    /** What was created under an idempotency key, and from which body. `endpoint` includes the wallet. */
    createdUnder: (projectId: string, endpoint: string, key: string) =>
      created.get(creationKey(projectId, endpoint, key)),

    clear() {
      for (const map of Object.values(maps)) map.clear()
      for (const map of [transactionsByHash, transactionsByWallet, unfinished, created, walletsByName]) map.clear()
      compact()
    },
  }
}

function* readLines(file: string): Generator<[Kind, never]> {
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    try {
      if (line) yield JSON.parse(line)
    } catch {
      return // the last line of a process that was killed while it wrote
    }
  }
}

function creationKey(projectId: string, endpoint: string, key: string): string {
  return JSON.stringify([projectId, endpoint, key])
}

function mapOf<Key, Value>(maps: Map<Key, Map<string, Value>>, key: Key): Map<string, Value> {
  let map = maps.get(key)
  if (!map) {
    map = new Map()
    maps.set(key, map)
  }
  return map
}
