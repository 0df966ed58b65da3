/** What the service calls its session cookie: over https, and over the http of one machine. */
const name = /^(?:__Host-)?provider-session$/

/** Of a `Cookie` header, what is the service's; null if nothing is. The other cookies of your app are not its concern. */
export function sessionCookieIn(header: string | null): string | null {
  const own = (header ?? '').split(/;\s*/).filter((cookie) => name.test(cookie.slice(0, cookie.indexOf('='))))
  return own.length > 0 ? own.join('; ') : null
}

/** Of the `Set-Cookie` headers of an answer, those of the session. */
export const sessionCookiesSetBy = (headers: Headers): string[] =>
  headers.getSetCookie().filter((cookie) => name.test(cookie.slice(0, cookie.indexOf('='))))
