import { connect } from '../../db/connect.ts'
import { verifyTokens, wordsOf } from '../domain/eerc/verify-tokens.ts'
import { readEnvironment } from '../environment.ts'
import { connectChains } from '../gateways/chain/chains.ts'

export const tokenUsage = `  tokens verify                ask the chain of every registered token whether it still is what it was registered as, as at the start.
                               With the environment of the service`

const verdicts = { same: 'as registered', other: 'OTHER', unseen: 'unseen' }

export const tokenCommands: Record<string, (args: string[]) => Promise<number>> = {
  async 'tokens verify'() {
    const { chains, databaseUrl } = readEnvironment(process.env)
    await using connection = connect(databaseUrl, { maxConnections: 2 })
    const tokens = await verifyTokens({ db: connection.db, chains: connectChains(chains) })
    for (const token of tokens) console.log(`${verdicts[token.found]}: ${wordsOf(token)}`)
    const same = tokens.filter(({ found }) => found === 'same').length
    console.log(`${same} of ${tokens.length} tokens are what they were registered as`)
    return same === tokens.length ? 0 : 1
  },
}
