import { call, Problem } from './api.mjs'
import { $, attempt, sentence } from './dom.mjs'
import { stepUpWith } from './passkey.mjs'

/** Does it, and where that needs a fresh second factor, asks for one and does it again. */
export async function withFreshFactor(work) {
  try {
    return await work()
  } catch (error) {
    if (error.code !== 'step-up-needed') throw error
    await stepUp(error.more.maxAgeSeconds)
    return work()
  }
}

function stepUp(maxAgeSeconds) {
  const dialog = $('step-up')
  $('step-up-said').textContent = ''
  $('step-up-code').reset()
  dialog.showModal()
  return new Promise((resolve, reject) => {
    const over = new AbortController()
    const listen = (element, type, work) =>
      element.addEventListener(type, work, { signal: over.signal })
    function end(settle) {
      over.abort()
      dialog.close()
      settle()
    }
    const show = (work) =>
      attempt(dialog, async () => {
        try {
          await work()
          end(resolve)
        } catch (error) {
          $('step-up-said').textContent = sentence(error)
        }
      })
    const leave = () =>
      end(() => reject(new Problem({ code: 'step-up-needed', detail: 'Nothing was changed.' })))
    listen($('step-up-passkey'), 'click', () => show(stepUpWith))
    listen($('step-up-provider'), 'click', () =>
      show(async () => {
        const wish = { purpose: 'step-up', maxAgeSeconds }
        const { url } = await call('POST', '/session/single-sign-on', wish)
        location.assign(url)
      }),
    )
    listen($('step-up-code'), 'submit', (event) => {
      event.preventDefault()
      const code = new FormData($('step-up-code')).get('code')
      const factor = /^[\d\s]+$/.test(code) ? 'totp' : 'recovery-code'
      show(() => call('POST', '/session/step-up', { factor, code }))
    })
    listen($('step-up-cancel'), 'click', leave)
    listen(dialog, 'cancel', leave)
  })
}
