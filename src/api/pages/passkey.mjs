import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
} from '/pages/vendor/webauthn/index.js'
import { call } from './api.mjs'

export const supported = browserSupportsWebAuthn

export async function create(name) {
  const optionsJSON = await call('POST', '/factors/passkeys/options')
  const answer = await startRegistration({ optionsJSON })
  return call('POST', '/factors/passkeys', { name, answer })
}

/** Signs in; with `signIn` as the second step of a sign-in under way. */
export async function signInWith(signIn) {
  const step = signIn === undefined ? {} : { signIn }
  const optionsJSON = await call('POST', '/sign-in/passkey/options', step)
  const answer = await startAuthentication({ optionsJSON })
  return call('POST', '/sign-in/passkey', { ...step, answer, carried: 'cookie' })
}

export async function stepUpWith() {
  const optionsJSON = await call('POST', '/session/step-up/passkey/options')
  const answer = await startAuthentication({ optionsJSON })
  return call('POST', '/session/step-up/passkey', { answer })
}
