import * as z from 'zod'
import { getToken } from '../domain/eerc/get-token.ts'
import { listTokens } from '../domain/eerc/list-tokens.ts'
import { registerToken } from '../domain/eerc/register-token.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/eerc.ts'
import { procedure } from '../trpc.ts'

export const tokens = {
  /** Registers a permissioned or encrypted token as what its contract shows it to be, with the key here that acts for its issuer. */
  register: procedure({ for: ['operator', 'service'], scope: 'eerc:write', limit: 'write' })
    .input(
      z.object({
        chainId: common.chainId,
        address: common.addressInput,
        standard: schema.tokenStandard.nullable().default(null),
        agent: common.addressInput.nullable().default(null),
        idempotencyKey: common.idempotencyKey,
      }),
    )
    .output(schema.registeredToken)
    .mutation(({ ctx, input }) => registerToken(ctx.services, ctx.principal, input)),

  /** Returns one token by its id. */
  get: procedure({ for: ['user', 'service'], scope: 'eerc:read', limit: 'read' })
    .input(z.object({ tokenId: common.id }))
    .output(schema.eercToken)
    .query(({ ctx, input }) => getToken(ctx.services, ctx.principal, input)),

  /** Lists the tokens that the app has registered, newest first. */
  list: procedure({ for: ['user', 'service'], scope: 'eerc:read', limit: 'read' })
    .input(common.pageRequest)
    .output(common.pageOf(schema.eercToken))
    .query(({ ctx, input }) => listTokens(ctx.services, ctx.principal, input)),
}
