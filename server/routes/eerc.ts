import * as z from 'zod'
import type { IssuerAction } from '../contract/eerc.ts'
import { cancelOperation } from '../domain/eerc/cancel-operation.ts'
import { getOperation } from '../domain/eerc/get-operation.ts'
import { listOperations } from '../domain/eerc/list-operations.ts'
import { preflightOperation } from '../domain/eerc/preflight-operation.ts'
import { requestOperation } from '../domain/eerc/request-operation.ts'
import type { AppPrincipal } from '../domain/principal.ts'
import * as common from '../schemas/common.ts'
import { acceptedOperation, actionInput, eercOperation, eercPreflight, inputs, operationType } from '../schemas/eerc.ts'
import { paymentState } from '../schemas/entities.ts'
import type { Services } from '../services.ts'
import { procedure } from '../trpc.ts'

const read = { for: ['user', 'service'], scope: 'eerc:read', limit: 'read' } as const
const issue = { for: ['officer', 'operator', 'service'], scope: 'eerc:write', limit: 'money' } as const

const one = z.object({ operationId: common.id })
const asked = z.object({ tokenId: common.id, reason: common.reason, idempotencyKey: common.idempotencyKey })

/** What the token's agent is to do, in the words that each of these procedures takes. */
const forIssuer = (
  { services, principal }: { services: Services; principal: AppPrincipal },
  { tokenId, reason, idempotencyKey }: z.output<typeof asked>,
  action: IssuerAction,
) => requestOperation(services, principal, { tokenId, reason, idempotencyKey, action })

export const eerc = {
  /** Tells what an operation would meet now: every check of the policy, the chain and the token, with its reason. Changes nothing. */
  preflight: procedure(read)
    .input(
      z
        .object({ tokenId: common.id, walletId: common.id.optional(), action: actionInput })
        .refine(({ walletId, action }) => (action.type === 'transfer') === (walletId !== undefined), {
          message: 'a transfer is from one of your wallets; anything else is done by the token’s agent',
          path: ['walletId'],
        }),
    )
    .output(eercPreflight)
    .query(({ ctx, input: { tokenId, walletId, action } }) =>
      preflightOperation(
        ctx.services,
        ctx.principal,
        action.type === 'transfer' ? { tokenId, walletId: walletId!, action } : { tokenId, action },
      ),
    ),

  /** Moves tokens from one of the caller's wallets. Answered means: it will be done once, or you will be told why not. */
  transfer: procedure({ for: ['user', 'service'], scope: 'eerc:write', limit: 'money' })
    .input(
      z.object({ tokenId: common.id, walletId: common.id, ...inputs.transfer, idempotencyKey: common.idempotencyKey }),
    )
    .output(acceptedOperation)
    .mutation(({ ctx, input: { tokenId, walletId, idempotencyKey, ...rest } }) =>
      requestOperation(ctx.services, ctx.principal, {
        tokenId,
        walletId,
        action: { type: 'transfer', ...rest },
        reason: null,
        idempotencyKey,
      }),
    ),

  /** Makes new tokens in a holder's account, once somebody else has approved it. */
  mint: procedure(issue)
    .input(asked.extend(inputs.mint))
    .output(acceptedOperation)
    .mutation(({ ctx, input }) => forIssuer(ctx, input, { type: 'mint', to: input.to, amount: input.amount })),

  /** Destroys tokens in a holder's account, once somebody else has approved it. */
  burn: procedure(issue)
    .input(asked.extend(inputs.burn))
    .output(acceptedOperation)
    .mutation(({ ctx, input }) => forIssuer(ctx, input, { type: 'burn', from: input.from, amount: input.amount })),

  /** Freezes so much of a holder's balance, whatever is frozen now, once somebody else has approved it. */
  freeze: procedure(issue)
    .input(asked.extend(inputs.freeze))
    .output(acceptedOperation)
    .mutation(({ ctx, input }) =>
      forIssuer(ctx, input, { type: 'freeze', holder: input.holder, frozen: input.frozen }),
    ),

  /** Unfreezes all of a holder's balance, once somebody else has approved it. */
  unfreeze: procedure(issue)
    .input(asked.extend({ holder: common.addressInput }))
    .output(acceptedOperation)
    .mutation(({ ctx, input }) => forIssuer(ctx, input, { type: 'freeze', holder: input.holder, frozen: 0n })),

  /** Moves a holder's tokens without their leave, frozen ones as well, once somebody else has approved it. */
  forcedTransfer: procedure(issue)
    .input(asked.extend(inputs.forcedTransfer))
    .output(acceptedOperation)
    .mutation(({ ctx, input }) =>
      forIssuer(ctx, input, { type: 'forced-transfer', from: input.from, to: input.to, amount: input.amount }),
    ),

  /** Stops all transfers, once somebody else has approved it. */
  pause: procedure(issue)
    .input(asked)
    .output(acceptedOperation)
    .mutation(({ ctx, input }) => forIssuer(ctx, input, { type: 'pause' })),

  /** Lets transfers go on, once somebody else has approved it. */
  unpause: procedure(issue)
    .input(asked)
    .output(acceptedOperation)
    .mutation(({ ctx, input }) => forIssuer(ctx, input, { type: 'unpause' })),

  /** Lets somebody hold the token, once somebody else has approved it. */
  allow: procedure(issue)
    .input(asked.extend(inputs.allow))
    .output(acceptedOperation)
    .mutation(({ ctx, input }) =>
      forIssuer(ctx, input, { type: 'allow', holder: input.holder, identity: input.identity }),
    ),

  /** Lets somebody no longer hold the token, once somebody else has approved it. */
  disallow: procedure(issue)
    .input(asked.extend(inputs.disallow))
    .output(acceptedOperation)
    .mutation(({ ctx, input }) => forIssuer(ctx, input, { type: 'disallow', holder: input.holder })),

  /** Returns one operation by its id. */
  get: procedure(read)
    .input(one)
    .output(eercOperation)
    .query(({ ctx, input }) => getOperation(ctx.services, ctx.principal, input)),

  /** Lists the operations on tokens that the caller may see, newest first. */
  list: procedure(read)
    .input(
      common.pageRequest.extend({
        tokenId: common.id.optional(),
        walletId: common.id.optional(),
        type: operationType.optional(),
        state: paymentState.optional(),
      }),
    )
    .output(common.pageOf(eercOperation))
    .query(({ ctx, input }) => listOperations(ctx.services, ctx.principal, input)),

  /** Takes an operation back that was not handed over yet. */
  cancel: procedure({ for: ['user', 'service'], scope: 'eerc:write', limit: 'write' })
    .input(one)
    .output(eercOperation)
    .mutation(({ ctx, input }) => cancelOperation(ctx.services, ctx.principal, input)),
}
