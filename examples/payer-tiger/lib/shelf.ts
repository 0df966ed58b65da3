import 'server-only'
import { cache } from 'react'
import { asVisitor } from './service.ts'
import { currentUser } from './session.ts'

/** The ids of the paywalls that whoever is signed in may open now, for the marks in the shop window. What is served is asked for again. */
export const unlockedPaywalls = cache(async (): Promise<ReadonlySet<string>> => {
  if (!(await currentUser())) return new Set()
  const { items } = await (await asVisitor()).access.list.query({ limit: 100 })
  const now = Date.now()
  const open = items.filter(
    ({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt === null || expiresAt.getTime() > now),
  )
  return new Set(open.map(({ paywallId }) => paywallId))
})
