import type { ProblemCode } from '../kernel/problem.ts'

/** What each code means for whoever wrote the request, and what to do; the reference page is made of this. */
export const problemExplanations: Readonly<Record<ProblemCode, string>> = {
  'invalid-input':
    'The request was read, but a value in it is not allowed. `field` names it and `detail` says what is allowed. Nothing was changed.',
  'malformed-request':
    'The request could not be read at all: broken JSON or CSV, a broken address, an empty body where one is needed. Nothing was changed.',
  'not-authenticated':
    'The request carried neither `Authorization: Bearer …` nor a session’s cookie, or what it carried is unknown, expired or ended.',
  'sign-in-failed':
    'The name and password do not belong together, or the code is wrong, was used before, or came too late. It is not said which, and there may be no such person. Nobody is signed in.',
  'enrolment-needed':
    'The password is right, but this person has no second factor. It is set up with the one-time link that whoever reset it handed over.',
  'step-up-needed':
    'A second factor has to be shown again, not longer ago than `maxAgeSeconds`: `POST /api/v1/session/step-up`, then the same request again. `WWW-Authenticate` says the same as RFC 9470 has it. Nothing was changed. API tokens cannot show factors.',
  'cross-site':
    'A request that changes something with a session’s cookie must come from our own pages: `X-CSRF-Token` must hold the session’s token, and `Origin` and `Sec-Fetch-Site` must be ours. Nothing was changed.',
  'too-many-attempts':
    'Too many wrong tokens, passwords or codes. `Retry-After` says how many seconds to wait; valid tokens and sessions go on working meanwhile, and so does signing in from a browser that did before.',
  'too-many-open':
    'You have as many open requests as the rules let one person or robot have. Withdraw one, or wait until others are decided. Nothing was changed.',
  tampered:
    'What is stored no longer fits the digest that was made of it: somebody changed it in the database. Nothing is done with it; look at the record and tell whoever is responsible for security.',
  denied:
    'The policy decided against this command: no role allows the operation where a target is, or a guard holds it back. `reasons` gives each rule that spoke with its sentence, the chargers it is about and, where waiting helps, `until`. The attempt is on record. `otactl explain` asks the same without trying.',
  'approval-needed':
    'What was asked may be done only as a request that others approved. `needs` says how many of which roles, and `reasons` why. Make the request; nothing was begun.',
  'not-permitted':
    'No role that you hold now allows this action, or none does so where the charger or group is. The detail names the permission; `GET /api/v1/roles` says which roles have it, and `otactl explain` why. The attempt is on record.',
  'passkey-refused':
    'What the passkey answered does not fit: it is not registered here, its owner was not verified, the question was answered before or is older than five minutes, or its counter went backwards. Ask for a new question and try again; nothing was changed.',
  'passkeys-unavailable':
    'Browsers make passkeys for host names over https only, and for `localhost`. Set `OTA_OPERATOR_URL` to the address under which people reach the operator plane.',
  'single-sign-on-unavailable':
    'The provider of single sign-on cannot be reached or its description is not as it should be; our log says more. Sign in with a password or a passkey meanwhile.',
  'break-glass-refused':
    'There is no such break-glass account, the code is not the one in its envelope, or its seal was broken before. The attempt is on record.',
  'break-glass-blocked':
    'Somebody used the account, and nobody else has reviewed that yet. Until then it is neither opened nor sealed again.',
  'not-found': 'The address, or the thing it names, does not exist.',
  'method-not-allowed':
    'The address exists but not for this method. `Allow` lists the methods it takes.',
  'already-exists': 'Something with this name or identity exists already. Nothing was changed.',
  'idempotency-conflict':
    'The idempotency key was used before for a different request. Use a new key for a new intent. Nothing was changed.',
  'held-by-another':
    'Somebody else holds what was to be changed; `detail` says who, since when and why. Nothing was changed. Ask them, or say that you take it over.',
  'too-late': 'What was to be changed or taken back has already happened.',
  'too-large':
    'The request is over the size limit: 1 MB, 20 MB for an import, and what `OTA_FIRMWARE_MAX_BYTES` says for a firmware image. Nothing was changed.',
  'too-many-targets':
    'The selection covers more chargers than one command may reach. Narrow it, or submit several commands.',
  'no-target': 'The selection covers no charger, so there is nothing to do.',
  'unsupported-media-type':
    'The content type is not one this address reads; JSON is `application/json`, CSV (for an import) `text/csv`.',
  'storage-full':
    'There is no room left on the disk where files are kept. Nothing was stored. Delete files or firmware images that are not needed, or give it more room.',
  overloaded:
    'Too much is waiting already, so nothing was begun. `Retry-After` says how many seconds to wait before sending the same request again.',
  'not-ready': 'The system is starting or stopping. Nothing was begun; try again shortly.',
  internal:
    'Something is wrong on our side; the details are in our log under the request’s id. Whether anything was changed is unknown: look before repeating.',
}
