import { MalformedPayment } from './payment-error.ts'

/** What a header says in base64 of JSON. @throws MalformedPayment */
export function decodedHeader(header: string): unknown {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(header)) throw new MalformedPayment('It is not base64.')
  try {
    return JSON.parse(Buffer.from(header, 'base64').toString('utf8'))
  } catch {
    throw new MalformedPayment('It is not base64 of JSON.')
  }
}
