/** A form that sends itself. */
export interface Form {
  action: string
  /** JSON that is to arrive as a call. */
  payload: string
  enctype: string
  /** `_self`, or `inner` for a frame of the page. */
  target: string
}

/** A page with such a form. Of plain text, its one field is named as all of the JSON but its end, so that JSON is what it sends. */
export function formPage({ action, payload, enctype, target }: Form): string {
  const [name, value] = enctype === 'text/plain' ? [payload.replace(/}$/, ',"rest":"'), '"}'] : ['json', payload]
  return `<iframe name="inner"></iframe>
    <form method="post" action="${action}" enctype="${enctype}" target="${target}">
      <input name="${quoted(name)}" value="${quoted(value)}">
    </form>
    <script>document.forms[0].submit()</script>`
}

const quoted = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
