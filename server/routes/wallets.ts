import * as z from 'zod'
import { createWallet } from '../domain/wallets/create-wallet.ts'
import { getWallet } from '../domain/wallets/get-wallet.ts'
import { listWallets } from '../domain/wallets/list-wallets.ts'
import { walletBalances } from '../domain/wallets/wallet-balances.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { appProcedure } from '../trpc.ts'

const one = z.object({ walletId: common.id })

export const wallets = {
  /** Makes the custodial wallet of an owner, or returns the one there is. `owner` is your own reference to a person. */
  create: appProcedure
    .input(z.object({ owner: common.owner }))
    .output(schema.wallet)
    .mutation(({ ctx, input }) => createWallet(ctx.services, ctx.principal, input)),

  /** Returns one wallet by its id. */
  get: appProcedure
    .input(one)
    .output(schema.wallet)
    .query(({ ctx, input }) => getWallet(ctx.services, ctx.principal, input)),

  /** Lists the app's wallets, newest first. */
  list: appProcedure
    .input(common.pageRequest.extend({ owner: common.owner.optional() }))
    .output(common.pageOf(schema.wallet))
    .query(({ ctx, input }) => listWallets(ctx.services, ctx.principal, input)),

  /** What a wallet holds of every registered asset, read from the chain now. */
  balances: appProcedure
    .input(one)
    .output(z.array(schema.balance))
    .query(({ ctx, input }) => walletBalances(ctx.services, ctx.principal, input)),
}
