import type { ApiRequest } from '../../gateways/api-buyer.ts'

/** Headers that are about a connection, or about a payment that is ours to make. */
const ours =
  /^(host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|content-length|forwarded|via|x-forwarded-.*|x-real-ip|(x-)?payment.*|sign-in-with-x|x-httpayer.*|x-timeout)$/

/** Headers that carry who somebody is, by their names. */
const secret =
  /auth|cookie|token|secret|session|passw|credential|signature|api[-_]?key|access[-_]?key|^x-.*-key$|csrf|xsrf/

/** A call as it goes out: without headers that carry secrets, which are for us and not for a stranger's API, and without a password in the URL. */
export function cleanRequest({ url, headers, ...request }: ApiRequest): ApiRequest {
  const clean = new URL(url)
  clean.username = ''
  clean.password = ''
  clean.hash = ''
  const kept = Object.entries(headers)
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .filter(([name]) => !ours.test(name) && !secret.test(name))
  return { ...request, url: clean.href, headers: Object.fromEntries(kept) }
}

/** What is kept and shown of a URL: what stands behind a "?" is between the caller and the seller. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}
