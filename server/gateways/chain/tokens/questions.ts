import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
} from 'viem'
import type { BlockView } from './block-view.ts'
import type { TokenCheck } from './token-profile.ts'

/** One thing to ask a contract. */
export interface Question<Answer> {
  to: Address
  data: Hex
  /** @throws whatever the data is no answer by */
  decode(data: Hex): Answer
}

type View = 'pure' | 'view'

/** Asks a contract by a function of its ABI. */
export function question<const abi extends Abi, name extends ContractFunctionName<abi, View>>(
  to: Address,
  abi: abi,
  functionName: name,
  ...args: ContractFunctionArgs<abi, View, name> extends infer given extends readonly unknown[] ? given : never
): Question<ContractFunctionReturnType<abi, View, name>> {
  const call = { abi: abi as Abi, functionName: functionName as string }
  return {
    to,
    data: encodeFunctionData({ ...call, args }),
    decode: (data) => decodeFunctionResult({ ...call, data }) as ContractFunctionReturnType<abi, View, name>,
  }
}

type Questions = Record<string, Question<unknown>>

/** What was answered to each; undefined where the contract refused, or answered with what its ABI does not say. */
export type Answers<Asked extends Questions> = {
  [Name in keyof Asked]: Asked[Name] extends Question<infer Answer> ? Answer | undefined : never
}

/** A check that waits for answers. */
export interface Inquiry {
  questions: Questions
  conclude(answers: Record<string, unknown>): Conclusion
}

/** The check; or what has to be asked on, of the same moment; or null, where the answers say nothing about the operation. */
export type Conclusion = TokenCheck | Inquiry | null

/** What to ask, and what to conclude from the answers. */
export const inquiry = <const Asked extends Questions>(
  questions: Asked,
  conclude: (answers: Answers<Asked>) => Conclusion,
): Inquiry => ({ questions, conclude: conclude as Inquiry['conclude'] })

/** Asks all at once. @throws ChainUnavailable */
export async function readAll<const Asked extends Questions>(view: BlockView, asked: Asked): Promise<Answers<Asked>> {
  const entries = Object.entries(asked)
  const attempts = await view.attempt(entries.map(([, { to, data }]) => ({ to, data })))
  const answers = entries.map(([name, { decode }], index) => {
    const attempt = attempts[index]!
    return [name, attempt.accepted ? decoded(decode, attempt.data) : undefined]
  })
  return Object.fromEntries(answers)
}

/** Puts the questions of all inquiries at once, each only once, and concludes in their order. @throws ChainUnavailable */
export async function inquire(view: BlockView, inquiries: readonly Inquiry[]): Promise<TokenCheck[]> {
  const asked: Questions = {}
  for (const { questions } of inquiries) for (const one of Object.values(questions)) asked[keyOf(one)] = one
  const answers = await readAll(view, asked)
  const checks = inquiries.map(({ questions, conclude }) => {
    const own = Object.entries(questions).map(([name, one]) => [name, answers[keyOf(one)]])
    const conclusion = conclude(Object.fromEntries(own))
    if (!conclusion) return []
    return 'conclude' in conclusion ? inquire(view, [conclusion]) : [conclusion]
  })
  return (await Promise.all(checks)).flat()
}

// the same call of two functions that decode it differently does not happen: a selector names the function
const keyOf = ({ to, data }: Question<unknown>) => `${to}${data}`

function decoded<Answer>(decode: (data: Hex) => Answer, data: Hex): Answer | undefined {
  try {
    return decode(data)
  } catch {
    return undefined
  }
}
