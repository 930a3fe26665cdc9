import { call } from './api.mjs'
import { $, attempt, onClick, onSubmit, only, say } from './dom.mjs'
import { signInWith, supported } from './passkey.mjs'

/** Why somebody is back from single sign-on without being signed in. */
const returns = {
  'not-begun-here': 'That sign-in did not begin in this browser, or took too long. Try again.',
  'refused-by-provider': 'The provider did not sign you in.',
  'answer-invalid':
    'What the provider answered does not hold. Try again; if it stays so, tell whoever runs this system.',
  'not-fresh': 'The provider did not ask you again, as it should have.',
  'no-mfa': 'The provider did not say that it asked for several factors.',
  'no-account':
    'You have no account here. Sign in with your password once and link the two under “Account”, or ask for an invitation.',
  'no-group': 'None of your groups at the provider has a role here. Ask whoever looks after them.',
  'other-account': 'That account at the provider belongs to somebody else here.',
  locked: 'Your account here is locked.',
  'session-ended':
    'The session you began in has ended. Nothing was linked; sign in and begin again.',
  'enrolment-needed': 'You have no second factor here yet. Ask for a link to enrol one.',
}

let step

function second(next) {
  step = next.signIn
  $('who').textContent = `You are signing in as ${next.person.displayName}.`
  const has = (factor) => next.factors.includes(factor)
  $('totp-form').hidden = !has('totp')
  $('second-passkey-part').hidden = !has('passkey') || !supported()
  $('recovery-form').hidden = !has('recovery-code')
  only($('second'), $('first'))
  ;(has('totp') ? $('totp') : $('second-passkey')).focus()
}

function first() {
  step = undefined
  for (const form of document.forms) form.reset()
  only($('first'), $('second'))
}

const done = () => location.replace('/account')

const secondStep =
  (factor) =>
  async ({ code }) => {
    await call('POST', '/sign-in/second-factor', { signIn: step, factor, code, carried: 'cookie' })
    done()
  }

onSubmit($('password-form'), async ({ name, password }) =>
  second(await call('POST', '/sign-in', { name, password })),
)
onSubmit($('totp-form'), secondStep('totp'))
onSubmit($('recovery-form'), secondStep('recovery-code'))
onClick($('passkey'), async () => {
  await signInWith()
  done()
})
onClick($('second-passkey'), async () => {
  await signInWith(step)
  done()
})
onClick($('single-sign-on'), async () => {
  const { url } = await call('POST', '/single-sign-on')
  location.assign(url)
})
$('over').addEventListener('click', () => {
  say('')
  first()
})

const came = location.hash.slice(1)
history.replaceState(null, '', location.pathname)
first()
await attempt($('first'), async () => {
  const { provider, passkeysUnavailable } = await call('GET', '/sign-in/ways')
  if (provider !== null) {
    $('single-sign-on').textContent = `Sign in with ${provider}`
    $('single-sign-on').hidden = false
  }
  if (passkeysUnavailable !== null || !supported()) {
    $('passkey').hidden = true
    $('no-passkeys').hidden = false
    $('no-passkeys').textContent =
      `No passkeys here: ${passkeysUnavailable ?? 'this browser knows none'}.`
  }
  if (came === 'second-factor') second(await call('POST', '/single-sign-on/next'))
})
if (returns[came] !== undefined) say(returns[came])
