import ts from 'typescript-5'
import * as z from 'zod'
import { type Meta, requireDeclarations } from '../../server/auth/admit.ts'
import { appRouter } from '../../server/router.ts'
import type { Schema } from './limits.ts'
import { docOf, namesIn, statementsIn, statementsOf } from './source.ts'

export interface Field {
  name: string
  type: TypeText
  optional: boolean
  /** What else is asked of it. */
  schema: Schema
}

/** A type, in one line, and the types that it names. */
export interface TypeText {
  text: string
  names: string[]
}

export interface Procedure {
  /** `payments.create` */
  path: string
  noun: string
  name: string
  /** The file of its noun. */
  page: string
  kind: 'query' | 'mutation' | 'subscription'
  meta: Meta
  says: string
  /** None where it takes no input. */
  fields: Field[]
  /** Whether it may be called without any input. */
  inputOptional: boolean
  output: TypeText
  isPaged: boolean
}

interface Built {
  _def: { type: Procedure['kind']; meta: Meta; inputs: z.ZodType[] }
}

const router = appRouter._def.procedures as unknown as Record<string, Built>
requireDeclarations(router)

/** What each route says above itself, by path: at full length, where the SDK's declarations are short. */
const said = new Map<string, string>(
  statementsIn('server/routes')
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .flatMap(({ name, initializer }) =>
      initializer && ts.isObjectLiteralExpression(initializer)
        ? initializer.properties.map((each) => [`${name.getText()}.${each.name?.getText()}`, docOf(each).says] as const)
        : [],
    ),
)

/** What each takes and answers, by path, as the SDK declares it. */
const declared = new Map<string, ts.TypeNode>(
  statementsOf('client-sdk/api/index.d.ts')
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .flatMap(({ name, type }) =>
      type && ts.isTypeLiteralNode(type)
        ? type.members
            .filter(ts.isPropertySignature)
            .map((each) => [`${name.getText().replace(/\$\d+$/, '')}.${each.name.getText()}`, each.type!] as const)
        : [],
    ),
)

/** Every procedure, in the router's order. */
export const procedures: readonly Procedure[] = Object.entries(router).map(([path, { _def }]) => {
  const [noun, name] = path.split('.') as [string, string]
  const type = declared.get(path)
  const says = said.get(path)
  if (!type || !says)
    throw new Error(`${path} is not in client-sdk/api/index.d.ts (npm run api), or says nothing of itself`)
  const schema = z.toJSONSchema(_def.inputs[0] ?? z.void(), { io: 'input', unrepresentable: 'any' }) as Schema
  return {
    path,
    noun,
    name,
    page: `${noun.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.md`,
    kind: _def.type,
    meta: _def.meta,
    says,
    ...shapeOf(path, type as ts.TypeReferenceNode, schema),
  }
})

/** Reads the SDK's own words for procedures: see the end of client-sdk/api/index.d.ts. */
function shapeOf(path: string, type: ts.TypeReferenceNode, schema: Schema) {
  const [first, second] = type.typeArguments ?? []
  const word = type.typeName.getText()
  const fieldsIn = (node: ts.TypeNode | undefined) => fieldsOf(path, node, schema)
  switch (word) {
    case 'Query':
    case 'Mutation':
      return { fields: fieldsIn(first), inputOptional: isOptional(first!), output: textOf(second!), isPaged: false }
    case 'Keyed':
      return {
        fields: [...fieldsIn(first), added('idempotencyKey', 'string', false, schema)],
        inputOptional: false,
        output: textOf(second!),
        isPaged: false,
      }
    case 'Operated':
      return {
        fields: [
          ...fieldsIn(first),
          ...['tokenId', 'reason', 'idempotencyKey'].map((name) => added(name, 'string', false, schema)),
        ],
        inputOptional: false,
        output: { text: 'AcceptedOperation', names: ['AcceptedOperation'] },
        isPaged: false,
      }
    case 'Paged': {
      const filter = fieldsIn(second)
      const fields = [...filter, added('cursor', 'string | null', true, schema), added('limit', 'number', true, schema)]
      const item = textOf(first!)
      const output = { text: `Page<${item.text}>`, names: [...item.names, 'Page'] }
      return { fields, inputOptional: false, output, isPaged: true }
    }
    case 'TRPCSubscriptionProcedure': {
      const { members } = first as ts.TypeLiteralNode
      const of = (name: string) =>
        (members.find((each) => each.name?.getText() === name) as ts.PropertySignature | undefined)?.type
      const told = namesIn(of('output')!).at(-1)!
      return {
        fields: fieldsIn(of('input')),
        inputOptional: isOptional(of('input')!),
        output: { text: told, names: [told] },
        isPaged: false,
      }
    }
    default:
      throw new Error(`${path} is a ${word}, which is not known here`)
  }
}

function textOf(node: ts.TypeNode): TypeText {
  return { text: inOneLine(node.getText()), names: namesIn(node) }
}

function inOneLine(type: string): string {
  return type
    .replace(/\{\s*\n\s*/g, '{ ')
    .replace(/\s*\n\s*\}/g, ' }')
    .replace(/\s*\n\s*\|/g, ' |')
    .replace(/\s*\n\s*/g, '; ')
    .replace(/^\s*\| /, '')
}

function added(name: string, text: string, optional: boolean, schema: Schema): Field {
  return { name, type: { text, names: [] }, optional, schema: schema.properties?.[name] ?? {} }
}

function fieldsOf(path: string, node: ts.TypeNode | undefined, schema: Schema): Field[] {
  if (!node || node.kind === ts.SyntaxKind.VoidKeyword) return []
  const literal = ts.isUnionTypeNode(node) ? node.types.find(ts.isTypeLiteralNode) : node
  if (!literal || !ts.isTypeLiteralNode(literal)) throw new Error(`the input of ${path} is not an object`)
  return literal.members.filter(ts.isPropertySignature).map((each) => ({
    name: each.name.getText(),
    type: textOf(each.type!),
    optional: each.questionToken !== undefined,
    schema: schema.properties?.[each.name.getText()] ?? {},
  }))
}

function isOptional(node: ts.TypeNode): boolean {
  return ts.isUnionTypeNode(node) && node.types.some(({ kind }) => kind === ts.SyntaxKind.UndefinedKeyword)
}
