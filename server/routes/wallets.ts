import * as z from 'zod'
import { requireOrigin } from '../auth/require-origin.ts'
import { issueChallenge } from '../domain/sessions/issue-challenge.ts'
import { createWallet } from '../domain/wallets/create-wallet.ts'
import { getWallet } from '../domain/wallets/get-wallet.ts'
import { linkWallet } from '../domain/wallets/link-wallet.ts'
import { listWallets } from '../domain/wallets/list-wallets.ts'
import { openWallet } from '../domain/wallets/open-wallet.ts'
import { proveWallet } from '../domain/wallets/prove-wallet.ts'
import { walletBalances } from '../domain/wallets/wallet-balances.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { procedure } from '../trpc.ts'

const one = z.object({ walletId: common.id })

export const wallets = {
  /** Makes the custodial wallet of an owner, or returns the one there is. `owner` is your own reference to a person. */
  create: procedure({ for: ['service'], scope: 'wallets:write', limit: 'write' })
    .input(z.object({ owner: common.ownerInput }))
    .output(schema.wallet)
    .mutation(({ ctx, input }) => createWallet(ctx.services, ctx.principal, { ...input, userId: null })),

  /** Makes your own custodial wallet, or returns the one there is. */
  open: procedure({ for: ['user'], scope: 'wallets:write', limit: 'write' })
    .output(schema.wallet)
    .mutation(({ ctx }) => openWallet(ctx.services, ctx.principal)),

  /** Makes a custodial wallet that you created a user's: they may pay from it when they sign in. */
  link: procedure({ for: ['service'], scope: 'wallets:write', limit: 'write' })
    .input(one.extend({ userId: common.id }))
    .output(schema.wallet)
    .mutation(({ ctx, input }) => linkWallet(ctx.services, ctx.principal, input)),

  /** Asks for the message with which you prove that a further wallet is yours. */
  challenge: procedure({ for: ['user'], scope: 'wallets:write', limit: 'signIn' })
    .input(z.object({ address: common.addressInput, chainId: common.chainId }))
    .output(schema.challenge)
    .mutation(({ ctx, input }) => {
      const { appId, userId } = ctx.principal
      return issueChallenge(ctx.services, { ...input, appId, userId, origin: requireOrigin(ctx) })
    }),

  /** Adds a wallet of your own with the signature of its challenge's message. You may sign in with it from then on. */
  prove: procedure({ for: ['user'], scope: 'wallets:write', limit: 'signIn' })
    .input(z.object({ nonce: common.nonce, signature: common.signature }))
    .output(schema.wallet)
    .mutation(({ ctx, input }) => proveWallet(ctx.services, ctx.principal, { ...input, origin: requireOrigin(ctx) })),

  /** Returns one wallet by its id. */
  get: procedure({ for: ['user', 'service'], scope: 'wallets:read', limit: 'read' })
    .input(one)
    .output(schema.wallet)
    .query(({ ctx, input }) => getWallet(ctx.services, ctx.principal, input)),

  /** Lists the app's wallets, newest first. */
  list: procedure({ for: ['user', 'service'], scope: 'wallets:read', limit: 'read' })
    .input(common.pageRequest.extend({ owner: common.owner.optional() }))
    .output(common.pageOf(schema.wallet))
    .query(({ ctx, input }) => listWallets(ctx.services, ctx.principal, input)),

  /** What a wallet holds of every registered asset, read from the chain now. */
  balances: procedure({ for: ['user', 'service'], scope: 'wallets:read', limit: 'read' })
    .input(one)
    .output(z.array(schema.balance))
    .query(({ ctx, input }) => walletBalances(ctx.services, ctx.principal, input)),
}
