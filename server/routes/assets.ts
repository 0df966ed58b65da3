import * as z from 'zod'
import { listAssets } from '../domain/assets/list-assets.ts'
import { registerAsset } from '../domain/assets/register-asset.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { procedure } from '../trpc.ts'

export const assets = {
  /** Makes a token on a configured chain payable. Symbol and decimals are read from its contract. */
  register: procedure({ for: ['platform'], scope: 'assets:write', limit: 'write' })
    .input(z.object({ chainId: common.chainId, address: common.addressInput }))
    .output(schema.asset)
    .mutation(({ ctx, input }) => registerAsset(ctx.services, ctx.principal, input)),

  /** Lists the tokens that can be paid with. */
  list: procedure({ for: ['user', 'service', 'platform'], scope: 'assets:read', limit: 'read' })
    .input(common.pageRequest)
    .output(common.pageOf(schema.asset))
    .query(({ ctx, input }) => listAssets(ctx.services, input)),
}
