export const $ = (id) => document.getElementById(id)

/** An element; attributes that begin with `on` are listeners. Text is never read as HTML. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value)
    else made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** Says something where screen readers hear it. */
export function say(text, kind = 'bad') {
  const said = $('said')
  said.replaceChildren(...(text === '' ? [] : [el('p', { class: kind }, text)]))
  if (text !== '') said.scrollIntoView({ block: 'nearest' })
}

export function sentence(error) {
  // The browser's own words for "the person did not want to" help nobody.
  if (error?.name === 'NotAllowedError')
    return 'The passkey was not used. Try again, or use another way.'
  const text = error.message
  const whole = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}

/** Runs `work` once at a time, with the buttons of `where` off meanwhile, and says what went wrong. */
export async function attempt(where, work) {
  const buttons = [...where.querySelectorAll('button')]
  say('')
  for (const button of buttons) button.disabled = true
  try {
    return await work()
  } catch (error) {
    say(sentence(error))
    return undefined
  } finally {
    for (const button of buttons) button.disabled = false
  }
}

export function onSubmit(form, work) {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void attempt(form, () => work(Object.fromEntries(new FormData(form))))
  })
}

export function onClick(button, work) {
  button.addEventListener('click', () => void attempt(button.parentElement, work))
}

/** Shows one of several parts of a page, and puts the cursor there. */
export function only(shown, ...others) {
  for (const other of others) other.hidden = true
  shown.hidden = false
  shown.querySelector('input, button')?.focus()
}

export const moment = (iso) =>
  new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
