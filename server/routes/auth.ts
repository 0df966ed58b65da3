import * as z from 'zod'
import { requireOrigin } from '../auth/require-origin.ts'
import { describeCaller } from '../domain/sessions/describe-caller.ts'
import { issueChallenge } from '../domain/sessions/issue-challenge.ts'
import { issueToken } from '../domain/sessions/issue-token.ts'
import { listSessions } from '../domain/sessions/list-sessions.ts'
import { revokeSession } from '../domain/sessions/revoke-session.ts'
import { signIn } from '../domain/sessions/sign-in.ts'
import { signOut } from '../domain/sessions/sign-out.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { procedure } from '../trpc.ts'

const own = { for: ['user'], scope: 'account:write', limit: 'write' } as const

export const auth = {
  /** Asks for the message with which a wallet's owner signs in. It is good for five minutes and one answer, from the same page. */
  challenge: procedure({ for: ['anyone'], scope: null, limit: 'signIn' })
    .input(z.object({ appId: common.id, address: common.addressInput, chainId: common.chainId }))
    .output(schema.challenge)
    .mutation(({ ctx, input }) => issueChallenge(ctx.services, { ...input, origin: requireOrigin(ctx), userId: null })),

  /** Signs in with the signature of a challenge's message: plain keys and contract wallets. The browser gets a session cookie. */
  verify: procedure({ for: ['anyone'], scope: null, limit: 'signIn' })
    .input(z.object({ nonce: common.nonce, signature: common.signature }))
    .output(schema.signedIn)
    .mutation(async ({ ctx, input }) => {
      const origin = requireOrigin(ctx)
      const { credential, ...signedIn } = await signIn(ctx.services, { ...input, origin }, await ctx.cookie.read())
      await ctx.cookie.write(credential)
      return signedIn
    }),

  /** Who you are here: a user with roles, or an API key. */
  me: procedure({ for: ['user', 'service', 'platform'], scope: 'account:read', limit: 'read' })
    .output(schema.me)
    .query(({ ctx }) => describeCaller(ctx.services, ctx.principal)),

  /** Ends this session at once, with the tokens made from it; or, `everywhere`, every session of yours. */
  signOut: procedure(own)
    .input(z.object({ everywhere: z.boolean().default(false) }).prefault({}))
    .output(z.object({ ended: z.int() }))
    .mutation(async ({ ctx, input }) => {
      const answer = await signOut(ctx.services, ctx.principal, input)
      ctx.cookie.clear()
      return answer
    }),

  /** Lists your sessions, newest first. */
  sessions: procedure({ for: ['user'], scope: 'account:read', limit: 'read' })
    .input(common.pageRequest)
    .output(common.pageOf(schema.session))
    .query(({ ctx, input }) => listSessions(ctx.services, ctx.principal, input)),

  /** Ends one of your sessions at once. */
  revokeSession: procedure(own)
    .input(z.object({ sessionId: common.id }))
    .output(schema.session)
    .mutation(({ ctx, input }) => revokeSession(ctx.services, ctx.principal, input)),

  /** Makes a bearer token of ten minutes for a mini-app on another site, good for the scopes you name and no more. */
  token: procedure(own)
    .input(z.object({ scopes: z.array(common.tokenScope).min(1) }))
    .output(schema.token)
    .mutation(({ ctx, input }) => issueToken(ctx.services, ctx.principal, input)),
}
