import { encodeFunctionData, parseUnits } from 'viem'
import { mintUsdc } from '../chain/deploy-contracts.ts'
import { usdcAbi } from '../contracts/abi.ts'
import { readBalances, readOldBalances, readTokenLocator } from './balances.ts'
import { addSigner, findSigner, removeSigner, viewDelegatedSigner } from './delegated-signers.ts'
import { refuse } from './errors.ts'
import type { Once } from './idempotency.ts'
import type { Scope } from './options.ts'
import type { Creation, Wallet } from './records.ts'
import * as schemas from './schemas.ts'
import { approveSignature, createSignature, findSignature, viewSignature } from './signatures.ts'
import type { Simulator } from './simulator.ts'
import {
  approveTransaction,
  createTransaction,
  findTransaction,
  type NewTransaction,
  viewTransaction,
} from './transactions.ts'
import { listTransfers, tokenOf } from './transfers.ts'
import { createWallet, findWallet, recipientOf, viewWallet } from './wallets.ts'

/** One request, past the door. */
export interface Asked {
  simulator: Simulator
  once: Once
  projectId: string
  /** What stood for the braces of the route. */
  params: Readonly<Record<string, string>>
  query: URLSearchParams
  body: unknown
  creation: Creation
}

export interface Answer {
  status: number
  body: unknown
}

export interface Endpoint {
  name: string
  method: 'GET' | 'POST' | 'DELETE'
  /** Below `/api`, written as in Crossmint's OpenAPI file. */
  route: string
  scope: Scope
  handle(asked: Asked): Promise<Answer> | Answer
}

const wallet = '/2025-06-09/wallets/{walletLocator}'

/** The whole interface: name, method, path, scope, and what it does. */
export const endpoints: readonly Endpoint[] = [
  {
    name: 'createWallet',
    method: 'POST',
    route: '/2025-06-09/wallets',
    scope: 'wallets.create',
    async handle({ simulator, once, projectId, body, creation }) {
      const input = schemas.read(schemas.newWallet, body)
      const { made, isNew } = await once(
        projectId,
        creation,
        (address) => simulator.store.maps.wallet.get(address)!,
        async () => {
          const { wallet, isNew } = createWallet(simulator, projectId, input, creation)
          return { made: wallet, id: wallet.address, isNew }
        },
      )
      return { status: isNew ? 201 : 200, body: viewWallet(made) }
    },
  },
  {
    name: 'getWallet',
    method: 'GET',
    route: wallet,
    scope: 'wallets.read',
    handle: (asked) => ok(viewWallet(walletOf(asked))),
  },
  {
    name: 'getBalances',
    method: 'GET',
    route: `${wallet}/balances`,
    scope: 'wallets:balance.read',
    async handle(asked) {
      const { simulator, query } = asked
      return ok(await readBalances(simulator, walletOf(asked), query.get('tokens'), query.get('chains')))
    },
  },
  {
    name: 'createTransaction',
    method: 'POST',
    route: `${wallet}/transactions`,
    scope: 'wallets:transactions.create',
    handle(asked) {
      const wallet = walletOf(asked)
      const { params } = schemas.read(schemas.newTransaction, asked.body)
      return createOnce(asked, wallet, async () => params)
    },
  },
  {
    name: 'listTransactions',
    method: 'GET',
    route: `${wallet}/transactions`,
    scope: 'wallets:transactions.read',
    handle(asked) {
      const { simulator, query } = asked
      const from = dateOf(query, 'dateFrom', Number.NEGATIVE_INFINITY)
      const to = dateOf(query, 'dateTo', Number.POSITIVE_INFINITY)
      const found = [...simulator.store.transactionsOf(walletOf(asked).address)].filter(({ createdAt }) => {
        const at = Date.parse(createdAt)
        return at >= from && at <= to
      })
      return ok({ transactions: page(found.reverse(), query).map(viewTransaction) })
    },
  },
  {
    name: 'getTransaction',
    method: 'GET',
    route: `${wallet}/transactions/{transactionId}`,
    scope: 'wallets:transactions.read',
    handle: (asked) => ok(viewTransaction(transactionOf(asked))),
  },
  {
    name: 'approveTransaction',
    method: 'POST',
    route: `${wallet}/transactions/{transactionId}/approvals`,
    scope: 'wallets:transactions.sign',
    async handle(asked) {
      const transaction = transactionOf(asked)
      const { approvals } = schemas.read(schemas.approvals, asked.body)
      await approveTransaction(asked.simulator, transaction, approvals)
      return { status: 201, body: viewTransaction(transaction) }
    },
  },
  {
    name: 'transferToken',
    method: 'POST',
    route: `${wallet}/tokens/{tokenLocator}/transfers`,
    scope: 'wallets:transactions.create',
    handle(asked) {
      const { simulator, projectId, params, body } = asked
      const wallet = walletOf(asked)
      const { recipient, amount, signer } = schemas.read(schemas.newTransfer, body)
      const token = readTokenLocator(simulator, params.tokenLocator!)
      return createOnce(asked, wallet, async () => {
        const { decimals } = await tokenOf(token.chain, token.address)
        const recipientAddress = recipientOf(simulator, projectId, recipient)
        const args = [recipientAddress, parseUnits(amount, decimals)] as const
        return {
          calls: [
            {
              to: token.address,
              value: '0',
              data: encodeFunctionData({ abi: usdcAbi, functionName: 'transfer', args }),
            },
          ],
          chain: token.chain.slug,
          signer,
          sendParams: { token: params.tokenLocator!, params: { amount, recipient, recipientAddress } },
        }
      })
    },
  },
  {
    name: 'getTransfer',
    method: 'GET',
    route: `${wallet}/tokens/{tokenLocator}/transfers/{transactionId}`,
    scope: 'wallets:transactions.read',
    handle(asked) {
      const transaction = transactionOf(asked)
      if (!transaction.sendParams) throw refuse(404, `Transfer not found: ${transaction.id}`)
      return ok(viewTransaction(transaction))
    },
  },
  {
    name: 'createSignature',
    method: 'POST',
    route: `${wallet}/signatures`,
    scope: 'wallets:signatures.create',
    async handle(asked) {
      const { simulator, once, projectId } = asked
      const wallet = walletOf(asked)
      const creation = ofWallet(asked.creation, wallet)
      const input = schemas.read(schemas.newSignature, asked.body)
      const { made } = await once(
        projectId,
        creation,
        (id) => simulator.store.maps.signature.get(id)!,
        async () => {
          const signature = await createSignature(simulator, wallet, input, creation)
          return { made: signature, id: signature.id }
        },
      )
      return { status: 201, body: viewSignature(made) }
    },
  },
  {
    name: 'listSignatures',
    method: 'GET',
    route: `${wallet}/signatures`,
    scope: 'wallets:signatures.read',
    handle(asked) {
      const { address } = walletOf(asked)
      const found = [...asked.simulator.store.maps.signature.values()].filter((each) => each.wallet === address)
      return ok({ signatures: page(found.reverse(), asked.query).map(viewSignature) })
    },
  },
  {
    name: 'getSignature',
    method: 'GET',
    route: `${wallet}/signatures/{signatureId}`,
    scope: 'wallets:signatures.read',
    handle: (asked) => ok(viewSignature(findSignature(asked.simulator, walletOf(asked), asked.params.signatureId!))),
  },
  {
    name: 'approveSignature',
    method: 'POST',
    route: `${wallet}/signatures/{signatureId}/approvals`,
    scope: 'wallets:signatures.create',
    async handle(asked) {
      const wallet = walletOf(asked)
      const signature = findSignature(asked.simulator, wallet, asked.params.signatureId!)
      const { approvals } = schemas.read(schemas.approvals, asked.body)
      await approveSignature(asked.simulator, wallet, signature, approvals)
      return { status: 201, body: viewSignature(signature) }
    },
  },
  {
    name: 'addSigner',
    method: 'POST',
    route: `${wallet}/signers`,
    scope: 'wallets.create',
    async handle(asked) {
      const { simulator, creation } = asked
      const wallet = walletOf(asked)
      const signer = await addSigner(simulator, wallet, schemas.read(schemas.newSigner, asked.body), creation)
      return { status: 201, body: viewDelegatedSigner(simulator, signer) }
    },
  },
  {
    name: 'getSigner',
    method: 'GET',
    route: `${wallet}/signers/{signer}`,
    scope: 'wallets.read',
    handle: (asked) => ok(viewDelegatedSigner(asked.simulator, findSigner(walletOf(asked), asked.params.signer!))),
  },
  {
    name: 'removeSigner',
    method: 'DELETE',
    route: `${wallet}/signers/{signer}`,
    scope: 'wallets.create',
    async handle(asked) {
      const { simulator, params, query, creation } = asked
      const wallet = walletOf(asked)
      return ok(viewTransaction(await removeSigner(simulator, wallet, params.signer!, query.get('chain'), creation)))
    },
  },
  {
    name: 'listTransfers',
    method: 'GET',
    route: '/unstable/wallets/{walletLocator}/transfers',
    scope: 'wallets.read',
    handle(asked) {
      const { simulator, query } = asked
      const [chain, tokens, status] = ['chain', 'tokens', 'status'].map((name) => {
        const value = query.get(name)
        if (!value) throw refuse(400, `${name}: Required`)
        return value
      }) as [string, string, string]
      return ok(
        listTransfers(simulator, walletOf(asked), {
          chain,
          tokens: tokens
            .split(',')
            .map((token) => readTokenLocator(simulator, token.includes(':') ? token : `${chain}:${token}`).address),
          status,
          sort: query.get('sort') ?? 'desc',
          limit: numberOf(query, 'limit', 20),
          skip: numberOf(query, 'cursor', 0),
          from: dateOf(query, 'fromDate', Number.NEGATIVE_INFINITY),
          to: dateOf(query, 'toDate', Number.POSITIVE_INFINITY),
        }),
      )
    },
  },
  {
    name: 'getOldBalances',
    method: 'GET',
    route: '/v1-alpha2/wallets/{walletLocator}/balances',
    scope: 'wallets:balance.read',
    async handle(asked) {
      const { simulator, query } = asked
      return ok(await readOldBalances(simulator, walletOf(asked), query.get('tokens'), query.get('chains')))
    },
  },
  {
    name: 'fundWallet',
    method: 'POST',
    route: '/v1-alpha2/wallets/{walletLocator}/balances',
    scope: 'wallets.fund',
    async handle(asked) {
      const { simulator, body } = asked
      const wallet = walletOf(asked)
      const { amount, chain, token } = schemas.read(schemas.funding, body)
      const { rpcUrl } = readTokenLocator(simulator, `${chain}:${token}`).chain
      await mintUsdc(rpcUrl, { to: wallet.address, amount: parseUnits(String(amount), 6) })
      return { status: 201, body: await readOldBalances(simulator, wallet, token, chain) }
    },
  },
]

async function createOnce(asked: Asked, wallet: Wallet, input: () => Promise<NewTransaction>): Promise<Answer> {
  const { simulator, once, projectId } = asked
  const creation = ofWallet(asked.creation, wallet)
  const { made } = await once(
    projectId,
    creation,
    (id) => simulator.store.maps.transaction.get(id)!,
    async () => {
      const transaction = await createTransaction(simulator, wallet, await input(), creation)
      return { made: transaction, id: transaction.id }
    },
  )
  return { status: 201, body: viewTransaction(made) }
}

/** Idempotency keys belong to one wallet, whichever of its locators the caller used. */
function ofWallet(creation: Creation, { address }: Wallet): Creation {
  return { ...creation, endpoint: `${creation.endpoint} ${address}` }
}

function walletOf({ simulator, projectId, params }: Asked): Wallet {
  return findWallet(simulator, projectId, params.walletLocator!)
}

function transactionOf(asked: Asked) {
  return findTransaction(asked.simulator, walletOf(asked), asked.params.transactionId!)
}

const ok = (body: unknown): Answer => ({ status: 200, body })

function page<Item>(items: Item[], query: URLSearchParams): Item[] {
  const number = numberOf(query, 'page', 1)
  const size = numberOf(query, 'perPage', 10)
  return items.slice((number - 1) * size, number * size)
}

function numberOf(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name)
  if (text === null) return otherwise
  if (!/^\d{1,9}$/.test(text)) throw refuse(400, `${name}: Invalid number`)
  return Number(text)
}

function dateOf(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name)
  if (text === null) return otherwise
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw refuse(400, `${name}: Invalid date`)
  return time
}
