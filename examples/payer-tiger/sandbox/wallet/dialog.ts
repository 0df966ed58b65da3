import { style } from './style.ts'

/** What the wallet asks whoever holds it. */
export interface Question {
  title: string
  /** What is to be known before saying yes: names and values. */
  facts: [name: string, value: string][]
  /** Something longer, shown as it is. */
  text?: string
  yes: string
  /** Further fields to be filled in. */
  choices?: { label: string; options: { value: string; name: string }[]; chosen: string }[]
}

/** The chosen value of each of the choices. Null means no. */
export type Answer = string[] | null

/** Questions are asked one after the other. */
let last: Promise<unknown> = Promise.resolve()

/** Shows a question above the page, and waits for the answer. */
export function ask(question: Question): Promise<Answer> {
  const answer = last.then(() => show(question))
  last = answer
  return answer
}

function show({ title, facts, text, yes, choices = [] }: Question): Promise<Answer> {
  const host = document.createElement('div')
  host.id = 'sandbox-wallet'
  // a tree of its own: the page's style does not reach in, as it reaches into no wallet
  const root = host.attachShadow({ mode: 'open' })
  const dialog = element('dialog', { 'aria-labelledby': 'title' })
  const selects = choices.map(({ label, options, chosen }) => {
    const select = element('select', { id: label })
    for (const { value, name } of options) {
      const option = element('option', { value }, name)
      option.selected = value === chosen
      select.append(option)
    }
    return select
  })
  const form = element('form', { method: 'dialog' })
  form.append(
    element('p', { class: 'name' }, 'Sandbox wallet'),
    element('h2', { id: 'title' }, title),
    ...(facts.length > 0 ? [list(facts)] : []),
    ...choices.flatMap(({ label }, index) => [element('label', { for: label }, label), selects[index]!]),
    ...(text === undefined ? [] : [element('pre', { tabindex: '0' }, text)]),
  )
  const buttons = element('div', { class: 'buttons' })
  buttons.append(
    element('button', { value: 'no', type: 'submit' }, 'Reject'),
    element('button', { value: 'yes', type: 'submit', class: 'yes', autofocus: '' }, yes),
  )
  form.append(buttons)
  dialog.append(form)
  root.append(element('style', {}, style), dialog)
  document.body.append(host)
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      resolve(dialog.returnValue === 'yes' ? selects.map((select) => select.value) : null)
      host.remove()
    })
  })
}

function list(facts: Question['facts']): HTMLElement {
  const all = element('dl', {})
  for (const [name, value] of facts) all.append(element('dt', {}, name), element('dd', {}, value))
  return all
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string>,
  text?: string,
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  if (text !== undefined) made.textContent = text
  return made
}
