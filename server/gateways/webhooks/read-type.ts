/** What a body says it is, to be searched for; null where it is no JSON, or says nothing that is a word of letters, digits and `_.:/-`. */
export function readType(body: Buffer): string | null {
  try {
    const type = (JSON.parse(body.toString()) as { type?: unknown } | null)?.type
    return typeof type === 'string' && /^[\w.:/-]{1,100}$/.test(type) ? type : null
  } catch {
    return null
  }
}
