import { randomUUID } from 'node:crypto'
import type { Address } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { rpc } from '../../../../sandbox/chain/rpc.ts'
import { sendAs } from '../../../../sandbox/chain/send-as.ts'
import type { SandboxTokenStandard } from '../../../../sandbox/tokens/deploy-token.ts'
import type { EercToken } from '../../../../server/contract/eerc.ts'
import { deployTrex } from '../../../support/deploy-trex.ts'
import { issueToken } from '../../../support/issued-token.ts'
import type { World } from '../../../support/world.ts'

/** A token of the world's app, and what its issuer does to it behind the service's back; what does not come about is no matter. */
export interface Subject {
  token: EercToken
  allow(holder: Address): Promise<unknown>
  disallow(holder: Address): Promise<unknown>
  mint(to: Address, amount: bigint): Promise<unknown>
  /** So much; of an ERC-3643 token so much more. */
  freeze(holder: Address, amount: bigint): Promise<unknown>
  pause(): Promise<unknown>
  unpause(): Promise<unknown>
  balanceOf(holder: Address): Promise<bigint>
  frozenOf(holder: Address): Promise<bigint>
}

const anybody = () => privateKeyToAddress(generatePrivateKey())

async function registered({ client, chain, agent }: World, address: Address): Promise<EercToken> {
  const input = { chainId: chain.chainId, address, agent, idempotencyKey: randomUUID() }
  const { replayed: _, ...token } = await client.tokens.register.mutate(input)
  return token
}

const reading =
  ({ chain }: World, token: Address, selector: string) =>
  async (holder: Address) =>
    BigInt(
      await rpc<string>(chain.url, 'eth_call', [
        { to: token, data: `${selector}${holder.slice(2).padStart(64, '0')}` },
        'latest',
      ]),
    )

/** A token of the sandbox. */
export async function managed(world: World, standard: SandboxTokenStandard): Promise<Subject> {
  const { address, behind, balanceOf } = await issueToken(world, standard)
  return {
    token: await registered(world, address),
    allow: (holder) => behind('changeWhitelist', holder, true),
    disallow: (holder) => behind('changeWhitelist', holder, false),
    mint: (to, amount) => behind('mint', to, amount),
    freeze: (holder, amount) => behind('setFrozenTokens', holder, amount),
    pause: () => behind('pause'),
    unpause: () => behind('unpause'),
    balanceOf,
    frozenOf: reading(world, address, '0x158b1a57'),
  }
}

/** An ERC-3643 token from the artifacts of its authors. */
export async function suited(world: World): Promise<Subject> {
  const [owner, other] = [anybody(), anybody()]
  const { url } = world.chain
  // what is done behind the service's back must not use up the nonces of its agent
  const { token, identityRegistry, call } = await deployTrex(url, { owner, agent: other, decimals: 6 })
  await sendAs(url, owner, [call(owner, 'Token', token, 'addAgent', [world.agent])])
  await sendAs(url, owner, [call(owner, 'IdentityRegistry', identityRegistry, 'addAgent', [world.agent])])
  const onToken = (functionName: string, ...args: unknown[]) =>
    sendAs(url, other, [call(other, 'Token', token, functionName, args)])
  const onRegistry = (functionName: string, ...args: unknown[]) =>
    sendAs(url, other, [call(other, 'IdentityRegistry', identityRegistry, functionName, args)])
  return {
    token: await registered(world, token),
    allow: (holder) => onRegistry('registerIdentity', holder, holder, 250),
    disallow: (holder) => onRegistry('deleteIdentity', holder),
    mint: (to, amount) => onToken('mint', to, amount),
    freeze: (holder, amount) => onToken('freezePartialTokens', holder, amount),
    pause: () => onToken('pause'),
    unpause: () => onToken('unpause'),
    balanceOf: reading(world, token, '0x70a08231'),
    frozenOf: reading(world, token, '0x158b1a57'),
  }
}
