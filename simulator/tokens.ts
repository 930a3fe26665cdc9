import type { CallEnd } from './link.ts'
import type { LocalList } from './local-list.ts'
import { entryFor, isGood } from './local-list.ts'
import type { Speaker, TokenVerdict } from './speaker.ts'

/**
 * Whether a token is good: by the local list where that may decide, else by asking the management
 * system, else by what the settings say of unknown tokens (1.6 3.5, 2.x C01, C10, C13 to C15).
 */
export async function judgeToken(
  token: string,
  speaker: Speaker,
  list: LocalList,
  online: boolean,
  now: number,
  ask: (settled: (end: CallEnd) => void) => void,
): Promise<TokenVerdict> {
  const conduct = speaker.conduct()
  const entry = conduct.localListEnabled ? entryFor(list, token) : undefined
  const listDecides = online ? conduct.localPreAuthorize : conduct.localAuthorizeOffline
  if (entry !== undefined && listDecides)
    return { accepted: isGood(entry, now), group: entry.group }
  if (!online) return { accepted: conduct.unknownOffline, group: undefined }
  const end = await new Promise<CallEnd>((settled) => ask(settled))
  return end.end === 'answered'
    ? speaker.judgeToken(end.payload)
    : { accepted: false, group: undefined }
}
