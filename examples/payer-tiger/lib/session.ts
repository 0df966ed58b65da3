import 'server-only'
import { errorOf, type User } from '@provider-service/client'
import { cookies } from 'next/headers'
import { cache } from 'react'
import { asVisitor } from './service.ts'

/** Who is signed in on the browser that asks; null if nobody is. */
export const currentUser = cache(async (): Promise<User | null> => {
  const jar = await cookies()
  if (!jar.has('provider-session') && !jar.has('__Host-provider-session')) return null
  try {
    const me = await (await asVisitor()).auth.me.query()
    return me.kind === 'user' ? me.user : null
  } catch (error) {
    if (errorOf(error).code === 'UNAUTHENTICATED') return null
    throw error
  }
})
