import type { Answer } from './calls.ts'

/** All that an answer says, byte for byte, but for the id of its request. */
export const saidBy = ({ status, headers, text }: Answer) => ({
  status,
  text: text.replaceAll(headers.get('x-request-id')!, ''),
})
