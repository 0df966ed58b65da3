/** Of the wallet's dialog: unlike the page's on purpose, since it is not the page that asks. */
export const style = `
:host { color-scheme: dark; }
* { box-sizing: border-box; }
dialog {
  width: min(24rem, calc(100vw - 2rem));
  max-height: calc(100dvh - 2rem);
  margin: 1rem 1rem auto auto;
  padding: 1.25rem;
  border: 1px solid #46505e;
  border-radius: 1rem;
  background: #161b22;
  color: #f0f4f9;
  font: 400 0.9375rem/1.45 system-ui, sans-serif;
  box-shadow: 0 24px 60px rgb(0 0 0 / 50%);
}
dialog::backdrop { background: rgb(0 0 0 / 45%); }
form { display: flex; flex-direction: column; gap: 0.875rem; }
.name { margin: 0; color: #a8b4c4; font-size: 0.8125rem; }
h2 { margin: 0; font-size: 1.25rem; line-height: 1.2; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0.375rem 1rem; margin: 0; }
dt { color: #a8b4c4; }
dd { margin: 0; overflow-wrap: anywhere; text-align: end; }
pre {
  max-height: 11rem;
  margin: 0;
  padding: 0.75rem;
  overflow: auto;
  border-radius: 0.5rem;
  background: #0d1117;
  font: 0.75rem/1.5 ui-monospace, monospace;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}
label { margin-bottom: -0.625rem; color: #a8b4c4; font-size: 0.8125rem; }
select {
  min-height: 2.75rem;
  padding: 0.375rem 0.625rem;
  border: 1px solid #76839a;
  border-radius: 0.5rem;
  background: #0d1117;
  color: #f0f4f9;
  font: inherit;
  font-size: 0.9375rem;
}
.buttons { display: grid; grid-template-columns: 1fr 1fr; gap: 0.75rem; }
button {
  min-height: 2.875rem;
  border: 1px solid #76839a;
  border-radius: 0.5rem;
  background: transparent;
  color: inherit;
  font: inherit;
  font-weight: 600;
  cursor: pointer;
}
button.yes { border-color: transparent; background: #a9c8ff; color: #0b1a33; }
:focus-visible { outline: 3px solid #a9c8ff; outline-offset: 2px; }
`
