import type { RequestHandler } from 'express'
import type { Services } from '../services.ts'

/** `GET /.well-known/jwks.json`: the public keys of our tokens, for whoever wants to check one without asking us. */
export const jwks =
  ({ tokens }: Services): RequestHandler =>
  (_request, response) => {
    response.set('cache-control', 'public, max-age=300').json(tokens.jwks)
  }
