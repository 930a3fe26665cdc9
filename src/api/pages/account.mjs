import { call } from './api.mjs'
import { $, attempt, el, moment, onClick, onSubmit, say } from './dom.mjs'
import { create, supported } from './passkey.mjs'
import { withFreshFactor } from './step-up.mjs'
import { grouped, qrCode } from './totp.mjs'

const returns = {
  'step-up-done': ['Your second factor is fresh now. Do again what needed it.', 'good'],
  'link-done': [
    'The account at the provider is linked: you can sign in with it from now on.',
    'good',
  ],
  'not-fresh': ['The provider did not ask you again, as it should have.'],
  'no-mfa': [
    'The provider did not say that it asked for several factors. Use another second factor.',
  ],
  'other-account': ['That account at the provider is not yours here, or belongs to somebody else.'],
  'refused-by-provider': ['The provider did not let you through.'],
  'answer-invalid': ['What the provider answered does not hold.'],
}

function thing(what, note, ...buttons) {
  const words = el('div', { class: 'what' }, what, el('div', { class: 'soft' }, note))
  return el('li', {}, words, el('div', { class: 'row' }, ...buttons))
}

function button(text, label, work) {
  const made = el('button', { type: 'button', class: 'quiet', 'aria-label': label }, text)
  onClick(made, work)
  return made
}

const remover = (label, path) =>
  button('Remove', label, async () => {
    await withFreshFactor(() => call('DELETE', path))
    await showFactors()
  })

const used = (at) => (at === null ? 'not used yet' : `last used ${moment(at)}`)

async function showFactors() {
  const [{ totps, recoveryCodesLeft }, passkeys] = await Promise.all([
    call('GET', '/factors'),
    call('GET', '/factors/passkeys'),
  ])
  $('passkeys').replaceChildren(
    ...passkeys.items.map(({ id, name, lastUsedAt, suspendedAt, synced }) =>
      thing(
        name,
        suspendedAt === null
          ? `${used(lastUsedAt)}${synced ? ', synced' : ''}`
          : 'suspended: it seems to have been copied. Remove it.',
        remover(`Remove passkey ${name}`, `/factors/passkeys/${id}`),
      ),
    ),
  )
  $('step-up-passkey').hidden = passkeys.items.length === 0
  $('totps').replaceChildren(
    ...totps.map(({ id, name, lastUsedAt }) =>
      thing(name, used(lastUsedAt), remover(`Remove app ${name}`, `/factors/totp/${id}`)),
    ),
  )
  $('codes-left').textContent = `${recoveryCodesLeft} left.`
}

async function showSessions() {
  const { items } = await call('GET', '/people/me/sessions')
  $('sessions').replaceChildren(
    ...items.map(({ id, current, userAgent, lastUsedAt, places }) =>
      thing(
        current ? 'This session' : browserOf(userAgent),
        `${places.map(({ address }) => address).join(', ')} – last used ${moment(lastUsedAt)}`,
        ...(current
          ? []
          : [
              button('End', `End the session of ${browserOf(userAgent)}`, async () => {
                await call('DELETE', `/people/me/sessions/${id}`)
                await showSessions()
              }),
            ]),
      ),
    ),
  )
  $('end-others').hidden = items.length < 2
}

function browserOf(userAgent) {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)\//.exec(userAgent ?? '')?.[1]
  const names = { Edg: 'Edge', OPR: 'Opera' }
  const system = /(Windows|Android|iPhone|iPad|Mac OS|Linux)/.exec(userAgent ?? '')?.[1]
  if (browser === undefined) return userAgent?.slice(0, 60) ?? 'Another program'
  return [names[browser] ?? browser, system].filter(Boolean).join(' on ')
}

/** Everybody sees who uses an account for emergencies, and whose use waits to be reviewed. */
function showBanners({ breakGlassUses, authentication }) {
  $('banners').replaceChildren(
    ...breakGlassUses.map((use) => {
      const own = use.id === authentication.breakGlass
      const until = use.endedAt === null ? `until ${moment(use.endsAt)}` : 'to be reviewed'
      const text = `${own ? 'You use' : `${use.person.name} used`} the break-glass account “${use.account.name}” (${until}): ${use.reason}`
      return el(
        'div',
        { class: 'banner row apart', role: 'status' },
        el('span', {}, text),
        ...(own ? [button('End it now', 'End your break-glass use', endBreakGlass)] : []),
      )
    }),
  )
}

async function endBreakGlass() {
  await call('DELETE', '/session/break-glass')
  location.replace('/sign-in')
}

onSubmit($('add-passkey'), async ({ name }) => {
  const made = await withFreshFactor(() => create(name))
  $('add-passkey').reset()
  await showFactors()
  say(`The passkey “${made.name}” is registered.`, 'good')
})

let step
onSubmit($('add-totp'), async ({ name }) => {
  const begun = await withFreshFactor(() => call('POST', '/factors/totp', { name }))
  step = begun.step
  $('qr').replaceChildren(qrCode(begun.totp.url))
  $('secret').textContent = grouped(begun.totp.secret)
  $('prove-totp').hidden = false
  $('prove-totp').querySelector('input').focus()
})
onSubmit($('prove-totp'), async ({ code }) => {
  const made = await withFreshFactor(() => call('POST', '/factors/totp/confirm', { step, code }))
  $('prove-totp').hidden = true
  $('prove-totp').reset()
  $('add-totp').reset()
  await showFactors()
  say(`The app “${made.name}” is added.`, 'good')
})

onClick($('renew-codes'), async () => {
  const { recoveryCodes } = await withFreshFactor(() => call('POST', '/factors/recovery-codes'))
  $('codes').replaceChildren(...recoveryCodes.map((one) => el('li', {}, one)))
  $('codes').hidden = false
  await showFactors()
  say('Keep these: they are not shown again, and older ones work no more.', 'good')
})

onClick($('end-others'), async () => {
  await call('DELETE', '/people/me/sessions')
  await showSessions()
})

onSubmit($('change-password'), async ({ current, password }) => {
  await withFreshFactor(() => call('PUT', '/people/me/password', { current, password }))
  $('change-password').reset()
  await showSessions()
  say('Your password is changed; your other sessions have ended.', 'good')
})

onClick($('link-provider'), async () => {
  const wish = { purpose: 'link' }
  const { url } = await withFreshFactor(() => call('POST', '/session/single-sign-on', wish))
  location.assign(url)
})

let provider = null
onClick($('sign-out'), async () => {
  const elsewhere =
    provider === null
      ? null
      : await call('GET', '/session/single-sign-on').then(
          ({ url }) => url,
          () => null,
        )
  await call('DELETE', '/session')
  location.replace(elsewhere ?? '/sign-in')
})

const came = location.hash.slice(1)
history.replaceState(null, '', location.pathname)
await attempt(document.body, async () => {
  try {
    const who = await call('GET', '/whoami')
    $('name').textContent = who.name
    document.title = `${who.name} – OTA control`
    showBanners(who)
    // Signing out of the provider too is for those who came by it.
    const cameByProvider = 'single-sign-on' in who.authentication.factors
    const ways = await call('GET', '/sign-in/ways')
    if (cameByProvider) provider = ways.provider
    if (ways.provider !== null) {
      $('provider-part').hidden = cameByProvider
      $('link-provider').textContent = `Link ${ways.provider}`
      $('step-up-provider').hidden = !cameByProvider
      $('step-up-provider').textContent = `Show it at ${ways.provider}`
    }
    if (ways.passkeysUnavailable !== null || !supported()) {
      $('add-passkey').hidden = true
      $('no-passkeys').hidden = false
      $('no-passkeys').textContent =
        `No new ones here: ${ways.passkeysUnavailable ?? 'this browser knows none'}.`
    }
    await Promise.all([showFactors(), showSessions()])
  } catch (error) {
    if (error.code !== 'not-authenticated') throw error
    location.replace('/sign-in')
  }
})
if (returns[came] !== undefined) say(...returns[came])
