import { randomUUID } from 'node:crypto'
import type { SandboxTokenStandard } from '../../../../sandbox/tokens/deploy-token.ts'
import type { EercOperation, EercToken } from '../../../../server/contract/eerc.ts'
import type { Address } from '../../../../server/contract/entities.ts'
import { eventually } from '../../../support/eventually.ts'
import { type IssuedToken, issueToken } from '../../../support/issued-token.ts'
import { type Person, person } from '../../../support/people.ts'
import { testWorld, type World, type WorldOptions } from '../../../support/world.ts'
import { dataOf } from '../../approvals/support/wishes.ts'

/** A world with a token whose agent is the service's, and two officers who can do what takes two. */
export interface Issuer extends World, Omit<IssuedToken, 'address'> {
  token: EercToken
  officers: [Person, Person]
  /** A custodial wallet of the app that may hold the token and has some of it. */
  holder(amount?: bigint): Promise<{ id: string; address: Address }>
  untilOperation(id: string, ...states: string[]): Promise<EercOperation>
}

export async function issuerWorld(options: WorldOptions & { standard?: SandboxTokenStandard } = {}): Promise<Issuer> {
  await using stack = new AsyncDisposableStack()
  const { standard, ...rest } = options
  const world = stack.use(await testWorld(rest))
  const { chain, client, agent } = world
  const { address, ...issued } = await issueToken(world, standard)
  const { behind } = issued
  const { replayed: _, ...token } = await client.tokens.register.mutate({
    chainId: chain.chainId,
    address,
    agent,
    idempotencyKey: randomUUID(),
  })
  const officers: [Person, Person] = [
    await person(world, { roles: ['officer'] }),
    await person(world, { roles: ['officer'] }),
  ]
  const owned = stack.move()
  return {
    ...world,
    token,
    officers,
    ...issued,
    async holder(amount = 1_000n) {
      const wallet = await world.wallet(0n)
      await behind('changeWhitelist', wallet.address, true)
      if (amount > 0n) await behind('mint', wallet.address, amount)
      return wallet
    },
    untilOperation: (operationId, ...states) =>
      eventually(async () => {
        const { state, failure, ...one } = await client.eerc.get.query({ operationId })
        if (!states.includes(state))
          throw new Error(`operation is ${state} (${failure?.reason} ${failure?.message}), not ${states.join(' or ')}`)
        return { ...one, state, failure }
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Has an operation approved by an officer. */
export const approvedBy = async (officer: Person, { approvalId }: Pick<EercOperation, 'approvalId'>) =>
  dataOf(await officer.mutate('approvals.approve', { approvalId }))
