import type { IncomingMessage, ServerResponse } from 'node:http'
import { nodeCookies, sealData, unsealData } from 'iron-session'
import * as z from 'zod'
import type { SessionCredential } from '../domain/sessions/credential.ts'
import { memo } from './memo.ts'

/** How session cookies are sealed and named. */
export interface SessionCookieOptions {
  /** By number: the highest seals, all open. Each has 32 characters or more. */
  passwords: Readonly<Record<string, string>>
  /** Whether the service is reached by https. Plain http is for loopback alone, and for browsers that cookie is another one. */
  secure: boolean
  /** Seconds after which a seal no longer opens. */
  lifetime: number
  /** Told why a cookie could not be opened: `expired`, `invalid` or `unknown-password`. Many of the last are a broken rotation. */
  onUnsealable?: (reason: string) => void
}

/** The session cookie of one request. */
export interface SessionCookie {
  /** What the browser holds; null without a cookie that opens. */
  read(): Promise<SessionCredential | null>
  /** Gives the browser a cookie, in place of any that it has. */
  write(credential: SessionCredential): Promise<void>
  /** Takes the cookie away. */
  clear(): void
}

/** Sealed texts that are not opened again: opening one takes as long as the rest of a call. */
const REMEMBERED = 10_000

/**
 * What a sealed text looks like. The mark at its end is not under the seal: were more let through there, one cookie could be
 * written in countless ways and lengths, each to be remembered.
 */
const form = /^Fe26\.2\*[\w*-]{1,1000}~\d$/

const sealed = z.object({ id: z.uuid(), secret: z.string().min(32).max(64) })

export type SessionCookies = (request: IncomingMessage, response: ServerResponse) => SessionCookie

/** Reads and writes the session cookie of browsers. Nothing is opened before it is asked for. */
export function sessionCookies({ passwords, secure, lifetime, onUnsealable }: SessionCookieOptions): SessionCookies {
  const name = secure ? '__Host-provider-session' : 'provider-session'
  const password = { ...passwords }
  const attributes = { httpOnly: true, secure, sameSite: 'lax', path: '/' } as const

  const open = memo(REMEMBERED, async (seal: string): Promise<SessionCredential> => {
    const content = await unsealData(seal, {
      password,
      ttl: lifetime,
      ...(onUnsealable && { onUnsealError: (reason: string) => onUnsealable(reason) }),
    })
    return sealed.parse(content)
  })

  return (request, response) => {
    const cookies = nodeCookies(request, response)
    return {
      async read() {
        const seal = cookies.read(name)
        if (!seal) return null
        if (form.test(seal)) return await open(seal).catch(() => null)
        onUnsealable?.('invalid')
        return null
      },
      async write({ id, secret }) {
        const seal = await sealData({ id, secret }, { password, ttl: lifetime })
        // the browser forgets it a minute before it no longer opens, where it lasts that long
        cookies.write(name, seal, { ...attributes, maxAge: lifetime > 60 ? lifetime - 60 : lifetime })
      },
      clear() {
        cookies.write(name, '', { ...attributes, maxAge: 0 })
      },
    }
  }
}
