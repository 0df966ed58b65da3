import ts from 'typescript-5'
import { errorCodes } from '../../server/contract/errors.ts'
import { table } from '../keep-page.ts'
import { code, generatedFrom } from './markdown.ts'
import { docOf, statementsOf } from './source.ts'

export function errorsPage(): string[] {
  const meanings = meaningsOfService()
  return [
    '# Error codes',
    generatedFrom('server/contract/errors.ts and client-sdk/errors.ts'),
    `Every call that fails rejects with one of these codes: see [errors](../concepts/errors.md) for how to deal with them. *Again* says whether the same call, with the
same idempotency key, may succeed later.`,
    '## Of the service',
    table(
      ['code', 'HTTP', 'again', 'meaning'],
      Object.entries(errorCodes).map(([name, { status, retryable }]) => [
        code(name),
        String(status),
        retryable ? '●' : '',
        meanings.get(name)!,
      ]),
    ),
    '## Of the SDK',
    'What goes wrong on the side of whoever calls. These have no HTTP status of their own.',
    table(
      ['code', 'meaning'],
      meaningsOfSdk().map(([name, says]) => [code(name), says]),
    ),
  ]
}

function meaningsOfService(): Map<string, string> {
  const found = new Map<string, string>()
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText() in errorCodes)
      found.set(node.name.getText(), docOf(node).says)
    else ts.forEachChild(node, visit)
  }
  statementsOf('server/contract/errors.ts').forEach(visit)
  return found
}

function meaningsOfSdk(): [name: string, says: string][] {
  const codes = statementsOf('client-sdk/errors.ts')
    .filter(ts.isTypeAliasDeclaration)
    .find(({ name }) => name.text === 'ClientErrorCode')!
  // the comment of a member of a union belongs to no node: it is read from the text
  return [...codes.getText().matchAll(/\/\*\* (.+?) \*\/\s*\| '(\w+)'/g)].map(([, says, name]) => [name!, says!])
}
