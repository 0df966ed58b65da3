import { startChain } from '../../../sandbox/chain/start-chain.ts'
import { attest, schemas } from '../../../sandbox/eas/attest.ts'
import { attester, deployEas } from '../../../sandbox/eas/deploy-eas.ts'
import { createEas, type EasOptions } from '../../../server/gateways/eas/create-eas.ts'
import { disturb } from '../attestations/disturb.ts'
import { nodeDoor } from '../attestations/node-door.ts'

export const chainId = 8_453
export const stranger = '0x000000000000000000000000000000000000bEEF'

/** A chain with an attestation service, a door before it, and gateways to it. */
export async function easWorld() {
  const stack = new AsyncDisposableStack()
  const chain = stack.use(await startChain({ chainId }))
  const contracts = await deployEas(chain.url)
  const door = stack.use(await nodeDoor(chain.url))

  const connect = (options: Partial<EasOptions> = {}) =>
    createEas({
      chainId,
      rpcUrl: door.url,
      ...contracts,
      schemas: [
        {
          uid: schemas['bool verifiedAccount'],
          field: 'bool verifiedAccount',
          kind: 'kyc',
          level: 2,
          levelName: 'account',
        },
        { uid: schemas['string verifiedCountry'], field: 'string verifiedCountry', basis: 'residence' },
      ],
      attesters: [attester],
      timeout: 5_000,
      ...options,
    })

  return {
    chain,
    door,
    chainId,
    contracts,
    issuer: attester,
    connect,
    async verify(recipient: `0x${string}`, { ends }: { ends?: number } = {}) {
      const expiresAt = ends === undefined ? null : new Date((await disturb(chain.url).time()) + ends * 1000)
      await attest(chain.url, { recipient, said: { 'bool verifiedAccount': true }, expiresAt })
    },
    async verifyAsStranger(recipient: `0x${string}`) {
      await attest(chain.url, { recipient, said: { 'bool verifiedAccount': true }, attester: stranger })
    },
    ...disturb(chain.url),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

export type EasWorld = Awaited<ReturnType<typeof easWorld>>
