/** Whether one of these types of events is `type`: each part is a word, or `*` for any; `*` alone is all. */
export const wants = (types: readonly string[], type: string): boolean => {
  const [noun, verb] = type.split('.')
  return types.some((wanted) => {
    if (wanted === '*') return true
    const [wantedNoun, wantedVerb] = wanted.split('.')
    return (wantedNoun === '*' || wantedNoun === noun) && (wantedVerb === '*' || wantedVerb === verb)
  })
}
