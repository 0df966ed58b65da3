/** A body as a foreign page can make a browser send it, or as nobody sends it. `json` tells whether it is one that calls are made of. */
export interface Forged {
  name: string
  /** Its content type; null to send none. */
  type: string | null
  json: boolean
  body(payload: string): string
}

/** Fields of a form, of which a lax reader could make the call. */
const fields = (payload: string): [string, string][] => [
  ['json', JSON.stringify(JSON.parse(payload).json ?? null)],
  ['input', payload],
]

const multipart = (boundary: string) => (payload: string) =>
  [
    ...fields(payload).map(
      ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    ),
    `--${boundary}--\r\n`,
  ].join('')

/** What a form of plain text sends for a field whose name is all of the JSON but its end: JSON again. */
const textForm = (payload: string) => `${payload.replace(/}$/, ',"rest":"')}="}\r\n`

const plain = (payload: string) => payload

/** What a browser sends for a form of any kind, or for `fetch` without asking first; and calls as they should be. */
export const forged: readonly Forged[] = [
  {
    name: 'a form',
    type: 'application/x-www-form-urlencoded',
    json: false,
    body: (payload) => new URLSearchParams(fields(payload)).toString(),
  },
  {
    name: 'a form with files',
    type: 'multipart/form-data; boundary=----WebKitFormBoundary7MA4',
    json: false,
    body: multipart('----WebKitFormBoundary7MA4'),
  },
  { name: 'a form with files, without a boundary', type: 'Multipart/Form-Data', json: false, body: multipart('x') },
  { name: 'a form of plain text', type: 'text/plain', json: false, body: textForm },
  { name: 'JSON as plain text', type: 'text/plain;charset=UTF-8', json: false, body: plain },
  { name: 'JSON as plain text of JSON', type: 'text/plain; application/json', json: false, body: plain },
  { name: 'JSON as two types', type: 'text/plain, application/json', json: false, body: plain },
  { name: 'JSON of no type', type: null, json: false, body: plain },
  { name: 'JSON of an empty type', type: '', json: false, body: plain },
  { name: 'JSON as bytes', type: 'application/octet-stream', json: false, body: plain },
  { name: 'JSON as nearly JSON', type: 'application/jsonp', json: false, body: plain },
  { name: 'JSON', type: 'application/json', json: true, body: plain },
  { name: 'JSON of a charset', type: 'application/json; charset=utf-8', json: true, body: plain },
  { name: 'JSON of an odd parameter', type: 'application/json; boundary=text/plain', json: true, body: plain },
  { name: 'JSON in capitals', type: 'Application/JSON', json: true, body: plain },
]

/** Pages by what they are, with the headers that a browser sends of them. */
export type Pages = Readonly<Record<string, Readonly<Record<string, string>>>>

/** What a browser, or whoever plays one, says of a page that is none of the app's. */
export const foreignPages: Pages = {
  'another site': { origin: 'https://attacker.test', 'sec-fetch-site': 'cross-site' },
  'another site, in an old browser': { origin: 'https://attacker.test' },
  'another site that says it is the same': { origin: 'https://attacker.test', 'sec-fetch-site': 'same-origin' },
  "another app's page": { origin: 'https://other.example.com', 'sec-fetch-site': 'cross-site' },
  'a sibling': { origin: 'http://evil.localhost:3000', 'sec-fetch-site': 'same-site' },
  'a subdomain': { origin: 'http://evil.app.localhost:3000', 'sec-fetch-site': 'same-site' },
  'the parent': { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' },
  'another port': { origin: 'http://app.localhost:3001', 'sec-fetch-site': 'same-site' },
  'no port': { origin: 'http://app.localhost', 'sec-fetch-site': 'same-site' },
  'another scheme': { origin: 'https://app.localhost:3000', 'sec-fetch-site': 'cross-site' },
  'a name that begins alike': { origin: 'http://app.localhost:3000.attacker.test' },
  'a name that ends alike': { origin: 'http://evilapp.localhost:3000' },
  'a user before the host': { origin: 'http://app.localhost:3000@attacker.test' },
  'a path behind the origin': { origin: 'http://app.localhost:3000/' },
  capitals: { origin: 'HTTP://APP.LOCALHOST:3000' },
  'two origins': { origin: 'http://app.localhost:3000, https://attacker.test' },
  'two origins with a space': { origin: 'https://attacker.test http://app.localhost:3000' },
  'every origin': { origin: '*' },
  'an origin of nothing': { origin: '' },
  'a sandboxed frame': { origin: 'null', 'sec-fetch-site': 'cross-site' },
  'a sandboxed frame that says it is the same': { origin: 'null', 'sec-fetch-site': 'same-origin' },
  'no origin, from another site': { 'sec-fetch-site': 'cross-site' },
  'no origin, from the same site': { 'sec-fetch-site': 'same-site' },
}

/** What says nothing of a page: a person may have typed the address, or it is no browser. */
export const noPages: Pages = {
  'no origin': {},
  'no origin, typed by hand': { 'sec-fetch-site': 'none' },
  'no origin, and nonsense': { 'sec-fetch-site': 'same-origin, cross-site' },
  'no origin, and a referrer': { referer: 'http://app.localhost:3000/' },
  'no origin, and a forwarded one': { 'x-forwarded-host': 'app.localhost:3000', 'x-forwarded-proto': 'http' },
}
