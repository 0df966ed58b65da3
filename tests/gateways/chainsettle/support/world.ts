import { startChain } from '../../../../sandbox/chain/start-chain.ts'
import { controlOf } from '../../../../sandbox/chainsettle/control.ts'
import { issuer, registries } from '../../../../sandbox/chainsettle/deploy-registries.ts'
import { levels } from '../../../../sandbox/chainsettle/options.ts'
import { startChainsettle } from '../../../../sandbox/chainsettle/start-chainsettle.ts'
import {
  type ChainsettleOptions,
  createChainsettle,
} from '../../../../server/gateways/chainsettle/create-chainsettle.ts'
import { disturb } from '../../attestations/disturb.ts'
import { nodeDoor } from '../../attestations/node-door.ts'

export const chainId = 84_532
export const stranger = '0x000000000000000000000000000000000000bEEF'

/** Chainsettle on a chain of its own, a door before the node, and gateways to both. */
export async function chainsettleWorld() {
  const stack = new AsyncDisposableStack()
  const chain = stack.use(await startChain({ chainId }))
  const simulator = stack.use(await startChainsettle({ rpcUrl: chain.url, chainId }))
  const door = stack.use(await nodeDoor(chain.url))
  const control = controlOf(simulator.url)
  let validity: number | null = null

  const connect = ({ confirmations = 1, ...options }: Partial<ChainsettleOptions> & { confirmations?: number } = {}) =>
    createChainsettle({
      baseUrl: simulator.url,
      registries: [{ chainId, rpcUrl: door.url, docusign: registries.docusign, confirmations }],
      issuers: [issuer],
      levels,
      validity,
      timeout: 5_000,
      ...options,
    })

  return {
    url: simulator.url,
    chain,
    door,
    control,
    chainId,
    issuer,
    connect,
    async verify(subject: `0x${string}`, { ends }: { ends?: number } = {}) {
      validity = ends ?? null
      await control.attest(subject)
    },
    async verifyAsStranger(subject: `0x${string}`) {
      await control.attest({ subject, sender: stranger })
    },
    ...disturb(chain.url),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

export type ChainsettleWorld = Awaited<ReturnType<typeof chainsettleWorld>>
