import { sessionCookieIn } from './session-cookie.ts'

/** The headers of a request: a `Headers`, or what Next's `headers()` resolves to. */
export interface ReadableHeaders {
  get(name: string): string | null | undefined
}

/** Copies those headers of a request that the service is to know: its own cookie of all cookies, and of the others the ones named. */
export function forwardedHeaders(headers: ReadableHeaders, names: readonly string[]): Headers {
  const forwarded = new Headers()
  for (const name of names) {
    const value = headers.get(name)
    if (value) forwarded.set(name, value)
  }
  const cookie = sessionCookieIn(headers.get('cookie') ?? null)
  if (cookie !== null) forwarded.set('cookie', cookie)
  return forwarded
}
