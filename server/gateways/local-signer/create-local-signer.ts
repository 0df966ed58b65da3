import type { Kysely } from 'kysely'
import { type Address, getAddress, isAddress, maxUint256 } from 'viem'
import type { Database, SignerSendRow } from '../../../db/schema.ts'
import type { Chain } from '../chain/chain.ts'
import { ProviderError, type Submission, type WalletProvider } from '../wallet-provider.ts'
import { type Lane, type LaneEvent, type LaneSettings, openLane } from './lane.ts'
import { findSends } from './lane-rows.ts'
import type { SigningKey } from './signing-key.ts'
import { sameAs, viewOf } from './view.ts'

export interface LocalSignerOptions {
  db: Kysely<Database>
  /** The chains that are signed for here. */
  chains: readonly { chain: Chain; settings: LaneSettings }[]
  /** By name. Nobody else may use them. */
  keys: Readonly<Record<string, SigningKey>>
  /** Milliseconds that a nonce may be used up by what nobody finds, before the key is believed to be in other hands. */
  disbelief: number
  /** Milliseconds after which a node is asked whether it still knows a transaction; 1,000 by default. */
  resendAfter?: number
  clock: { now(): Date }
  report(event: LaneEvent): void
}

/** The wallet provider that is ourselves: its wallets are plain keys, one call to a transaction. */
export interface LocalSigner extends WalletProvider {
  /** Each key on each chain. Whoever runs workers tends them. */
  readonly lanes: readonly Lane[]
  /** @throws RangeError without such a lane */
  lane(chainId: number, address: Address): Lane
  /** Resolves when what is being handed over has been answered. */
  rest(): Promise<void>
}

/** Opens no connection before the first call. */
export function createLocalSigner(options: LocalSignerOptions): LocalSigner {
  const { db, chains, keys, ...rest } = options
  const lanes = chains.flatMap(({ chain, settings }) =>
    Object.values(keys).map((key) =>
      openLane({
        ...rest,
        ...settings,
        db,
        key,
        chainId: chain.chainId,
        rpc: chain.rpc,
        finality: chain.finality,
        senderRole: () => chain.senderRole(key.address),
      }),
    ),
  )
  const nameOf = (chainId: number, address: Address) => `${chainId} ${getAddress(address)}`
  const byName = new Map(lanes.map((lane) => [nameOf(lane.chainId, lane.address), lane]))
  const served = new Set(chains.map(({ chain }) => chain.chainId))

  const sends = async (id: string): Promise<SignerSendRow | undefined> => {
    const rows = await findSends(db, [id]).catch((cause) => {
      throw new ProviderError('unavailable', 'database_unavailable', 'The sends could not be read', { cause })
    })
    return rows[0]
  }

  function laneOf({ chainId, wallet, calls }: Submission): Lane {
    // another instance may be configured to: what is asked of this one waits, and is not over
    if (!served.has(chainId))
      throw new ProviderError('unavailable', 'chain_not_supported', `Nothing is signed here for chain ${chainId}`)
    const lane = byName.get(nameOf(chainId, wallet))
    if (!lane) throw new ProviderError('unavailable', 'unknown_wallet', `The key of ${wallet} is not here`)
    const [call] = calls
    if (!call || calls.length !== 1)
      throw new ProviderError('refused', 'one_call_only', 'A plain key makes one call in a transaction')
    const { to, value, data } = call
    if (!isAddress(to) || value < 0n || value > maxUint256 || !/^0x([0-9a-fA-F]{2})*$/.test(data))
      throw new ProviderError('refused', 'bad_calls', 'A transaction needs a call with an address, wei and whole bytes')
    return lane
  }

  return {
    name: 'local',
    lanes,
    lane(chainId, address) {
      const lane = byName.get(nameOf(chainId, address))
      if (!lane) throw new RangeError(`There is no lane of ${address} on chain ${chainId}`)
      return lane
    },
    supports: (chainId) => served.has(chainId),

    async ping() {
      await Promise.all(chains.map(({ chain }) => chain.blockNumber()))
    },

    async createWallet({ owner }) {
      const key = Object.hasOwn(keys, owner) ? keys[owner] : undefined
      if (!key) throw new ProviderError('refused', 'unknown_key', `There is no key by the name ${owner}`)
      return { address: key.address, owner }
    },

    submit: async (submission, within = Number.POSITIVE_INFINITY) => laneOf(submission).submit(submission, within),

    async get(_wallet, reference) {
      const row = await sends(reference)
      if (!row) throw new ProviderError('unknown', 'unknown_reference', 'There is no send with this reference')
      return viewOf(row)
    },

    async find(submission) {
      const row = await sends(submission.idempotencyKey)
      return row ? viewOf(sameAs(row, submission)) : null
    },

    async rest() {
      await Promise.all(lanes.map((lane) => lane.rest()))
    },
  }
}
