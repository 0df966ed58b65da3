import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** Starts a program of the bench in a process of its own, and ends it with the stack. */
export function startProcess(url: URL, stack: AsyncDisposableStack, env: Record<string, string> = {}): ChildProcess {
  const child = fork(url, [], { env: { PATH: process.env.PATH, ...env }, execArgv: [], serialization: 'advanced' })
  stack.defer(() => {
    child.kill('SIGKILL')
  })
  return child
}

/**
 * Asks such a process one thing at a time.
 *
 * @throws Error when it ends before it answers
 */
export async function ask<Answer>(child: ChildProcess, question: object | string): Promise<Answer> {
  const failed = new AbortController()
  const ended = () => failed.abort(new Error('a process of the bench ended early'))
  child.once('exit', ended)
  child.send(question)
  const [answer] = await once(child, 'message', { signal: failed.signal })
  child.off('exit', ended)
  return answer as Answer
}
