import type { ProblemCode } from '../kernel/problem.ts'

/** What each code means for whoever wrote the request, and what to do; the reference page is made of this. */
export const problemExplanations: Readonly<Record<ProblemCode, string>> = {
  'invalid-input':
    'The request was read, but a value in it is not allowed. `field` names it and `detail` says what is allowed. Nothing was changed.',
  'malformed-request':
    'The request could not be read at all: broken JSON or CSV, a broken address, an empty body where one is needed. Nothing was changed.',
  'not-authenticated':
    'The request carried no `Authorization: Bearer …` header, or its token is unknown, expired or revoked.',
  'too-many-attempts':
    'Too many requests with a wrong token came from this address. `Retry-After` says how many seconds to wait; tokens in use go on working meanwhile.',
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
