import { randomBytes, randomUUID } from 'node:crypto'
import { type Address, getAddress, type Hash, type Hex, hexToBigInt, numberToHex } from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import { rpc } from '../../../../sandbox/chain/rpc.ts'
import { type Chain as LocalChain, startChain } from '../../../../sandbox/chain/start-chain.ts'
import { type RpcProxy, startRpcProxy } from '../../../../sandbox/rpc-proxy/start-rpc-proxy.ts'
import { connectChain } from '../../../../server/gateways/chain/chain.ts'
import { createLocalSigner, type LocalSigner } from '../../../../server/gateways/local-signer/create-local-signer.ts'
import type { Lane, LaneEvent, LaneSettings } from '../../../../server/gateways/local-signer/lane.ts'
import { keyFromPrivateKey } from '../../../../server/gateways/local-signer/signing-key.ts'
import type { Submission } from '../../../../server/gateways/wallet-provider.ts'
import { type TestDatabase, testDatabase } from '../../../support/database.ts'

export const chainId = 99_372

export interface SignerOptions {
  settings?: Partial<LaneSettings>
  txAllowList?: boolean
  disbelief?: number
  /** The proxy's by default. */
  rpcUrl?: string
}

export interface SignerWorld extends AsyncDisposable {
  database: TestDatabase
  chain: LocalChain
  proxy: RpcProxy
  address: Address
  privateKey: Hex
  /** What the lanes reported. */
  events: LaneEvent[]
  /** An instance of its own on the same key, as another process has it. */
  signer(options?: SignerOptions): LocalSigner & { lane1: Lane }
  /** A transfer to somebody new, whose balance tells how often it was made. */
  transfer(amount?: bigint): Submission & { to: Address; amount: bigint }
  balance(of: Address): Promise<bigint>
  mine(blocks?: number): Promise<unknown>
  count(): Promise<bigint>
  /** What is stored for a send: its state, its nonce, and the hashes of what was signed for it. */
  stored(id: string): Promise<{ nonce: bigint; state: string; hashes: Hash[] }>
}

/** A chain that makes blocks when it is told to, and a key with funds on it. */
export async function signerWorld(): Promise<SignerWorld> {
  await using stack = new AsyncDisposableStack()
  const [database, chain] = await Promise.all([
    testDatabase().then((started) => stack.use(started)),
    startChain({ chainId }).then((started) => stack.use(started)),
  ])
  await rpc(chain.url, 'evm_setAutomine', [false])
  const proxy = stack.use(await startRpcProxy(chain.url))
  const privateKey = generatePrivateKey()
  const { address } = keyFromPrivateKey(privateKey)
  await rpc(chain.url, 'anvil_setBalance', [address, numberToHex(10n ** 24n)])
  await rpc(chain.url, 'anvil_mine', ['0x1'])
  const events: LaneEvent[] = []
  const owned = stack.move()
  return {
    database,
    chain,
    proxy,
    address,
    privateKey,
    events,
    signer({ settings, txAllowList = false, disbelief = 300, rpcUrl = proxy.url } = {}) {
      const signer = createLocalSigner({
        db: database.db,
        chains: [
          {
            chain: connectChain({ chainId, rpcUrl, confirmations: 1, finality: 8, entryPoints: [], txAllowList }),
            settings: {
              gas: { policy: 'eip1559', cap: 10n ** 12n, tip: 1n },
              inFlight: 256,
              replaceAfterMs: 60_000,
              ...settings,
            },
          },
        ],
        keys: { agent: keyFromPrivateKey(privateKey) },
        disbelief,
        resendAfter: 150,
        clock: { now: () => new Date() },
        report: (event) => void events.push(event),
      })
      return Object.assign(signer, { lane1: signer.lanes[0]! })
    },
    transfer(amount = 5n) {
      const to = getAddress(`0x${randomBytes(20).toString('hex')}`)
      const calls = [{ to, value: amount, data: '0x' as Hex }]
      return { idempotencyKey: randomUUID(), wallet: address, chainId, calls, to, amount }
    },
    balance: async (of) => hexToBigInt(await rpc<Hex>(chain.url, 'eth_getBalance', [of, 'latest'])),
    mine: (blocks = 1) => rpc(chain.url, 'anvil_mine', [numberToHex(blocks)]),
    count: async () => hexToBigInt(await rpc<Hex>(chain.url, 'eth_getTransactionCount', [address, 'latest'])),
    async stored(id) {
      const { db } = database
      const { nonce, state } = await db
        .selectFrom('signer_send')
        .select(['nonce', 'state'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      const attempts = await db
        .selectFrom('signer_attempt')
        .select('hash')
        .where('send_id', '=', id)
        .orderBy('number')
        .execute()
      return { nonce, state, hashes: attempts.map(({ hash }) => hash as Hash) }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
