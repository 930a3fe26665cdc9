import { call } from './api.mjs'
import { $, el, onSubmit, only } from './dom.mjs'
import { grouped, qrCode } from './totp.mjs'

const invitation = location.hash.slice(1)
// The link works until it is used: it stays in no history.
history.replaceState(null, '', location.pathname)

let enrolment
const parts = ['no-link', 'wish', 'proof', 'kept'].map($)

onSubmit($('wish'), async ({ name, displayName, password }) => {
  const said = displayName.trim() === '' ? {} : { displayName }
  const begun = await call('POST', '/enrolments', { invitation, name, ...said, password })
  enrolment = begun.enrolment
  $('qr').replaceChildren(qrCode(begun.totp.url))
  $('secret').textContent = grouped(begun.totp.secret)
  only($('proof'), ...parts)
  $('code').focus()
})

onSubmit($('proof'), async ({ code }) => {
  const enrolled = await call('POST', '/enrolments/confirm', { enrolment, code, carried: 'cookie' })
  $('codes').replaceChildren(...enrolled.recoveryCodes.map((one) => el('li', {}, one)))
  only($('kept'), ...parts)
})

$('done').addEventListener('click', () => location.replace('/account'))

only(invitation === '' ? $('no-link') : $('wish'), ...parts)
