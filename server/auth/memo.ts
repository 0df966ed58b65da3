/** Remembers the answers to the latest `most` questions, so that costly ones are worked out once. A failure is not remembered. */
export function memo<Answer>(most: number, work: (question: string) => Promise<Answer>) {
  const answers = new Map<string, Promise<Answer>>()
  return (question: string): Promise<Answer> => {
    const known = answers.get(question)
    if (known) return known
    const answer = work(question)
    if (answers.size >= most) answers.delete(answers.keys().next().value!)
    answers.set(question, answer)
    answer.catch(() => answers.delete(question))
    return answer
  }
}
