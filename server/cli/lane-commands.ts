import { parseArgs } from 'node:util'
import { getAddress, isAddress } from 'viem'
import { connect } from '../../db/connect.ts'
import { readEnvironment } from '../environment.ts'
import { connectChains } from '../gateways/chain/chains.ts'
import { createLocalSigner } from '../gateways/local-signer/create-local-signer.ts'
import { keyFromPrivateKey } from '../gateways/local-signer/signing-key.ts'
import { required, UsageError } from './usage-error.ts'

export const laneUsage = `  lanes list                   the keys that sign here: the next nonce of each on each chain, what is on its way, what has halted it
  lanes resume --chain ID --address ADDRESS
                               go on with a halted lane (ID such as eip155:43113); sends whose nonces others have used are given up.
                               Find out first who had the key. With the environment of the service`

export const laneCommands: Record<string, (args: string[]) => Promise<number>> = {
  async 'lanes list'() {
    await using connection = connect(required('DATABASE_URL'), { maxConnections: 2 })
    const lanes = await connection.db
      .selectFrom('signer_lane as lane')
      .select(['chain_id', 'address', 'next_nonce', 'halted_because', 'halted_at'])
      .select((lane) =>
        lane
          .selectFrom('signer_send as send')
          .select(({ fn }) => fn.countAll<bigint>().as('open'))
          .whereRef('send.chain_id', '=', 'lane.chain_id')
          .whereRef('send.address', '=', 'lane.address')
          .where('send.state', 'in', ['open', 'withdrawn'])
          .as('open'),
      )
      .orderBy('chain_id')
      .orderBy('address')
      .execute()
    for (const { chain_id, address, next_nonce, open, halted_because, halted_at } of lanes) {
      const halted = halted_because ? `, halted ${halted_at?.toISOString()}: ${halted_because}` : ''
      console.log(`eip155:${chain_id}  ${address}  next nonce ${next_nonce}, ${open} on their way${halted}`)
    }
    return lanes.some(({ halted_because }) => halted_because) ? 1 : 0
  },

  async 'lanes resume'(args) {
    const { values } = parseArgs({ args, options: { chain: { type: 'string' }, address: { type: 'string' } } })
    const chainId = Number(/^eip155:(\d+)$/.exec(values.chain ?? '')?.[1])
    if (!chainId || !isAddress(values.address ?? '')) throw new UsageError('lanes resume needs --chain and --address')
    const { chains: settings, localSignerKeys, patience, databaseUrl } = readEnvironment(process.env)
    const chains = connectChains(settings)
    await using connection = connect(databaseUrl, { maxConnections: 2 })
    const signer = createLocalSigner({
      db: connection.db,
      chains: settings.flatMap((chain) =>
        chain.localSigner ? [{ chain: chains.get(chain.chainId)!, settings: chain.localSigner }] : [],
      ),
      keys: Object.fromEntries(Object.entries(localSignerKeys).map(([name, key]) => [name, keyFromPrivateKey(key)])),
      disbelief: patience.disbelief,
      clock: { now: () => new Date() },
      report: () => {},
    })
    const given = await signer.lane(chainId, getAddress(values.address!)).resume()
    for (const id of given) console.log(`${id} is given up: another transaction has its nonce`)
    console.log('the lane goes on')
    return 0
  },
}
