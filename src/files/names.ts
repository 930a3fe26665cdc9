/** File names are what somebody told us: shown and handed on, never used as a path. */

const longestName = 120
/** Separators of any system, control and invisible characters, and those that turn the reading direction. */
const unwelcome = /[\\/:*?"<>|]|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu

/** A name as it may be shown: one line without path, of at most 120 characters. */
export function shownName(told: string | undefined, otherwise = 'unnamed'): string {
  const last = (told ?? '').split(/[\\/]/).at(-1) ?? ''
  const clean = last.toWellFormed().replace(unwelcome, '_').trim().replace(/^\.+/, '')
  const characters = [...clean]
  if (characters.length === 0) return otherwise
  if (characters.length <= longestName) return clean
  // The ending says what kind of file it is, so it stays.
  const ending = /\.[A-Za-z0-9.]{1,12}$/.exec(clean)?.[0] ?? ''
  return characters.slice(0, longestName - ending.length).join('') + ending
}

/** A name for the end of a URL, from letters that no charger stumbles over. */
export function linkName(name: string): string {
  const plain = shownName(name, 'file').replace(/[^A-Za-z0-9._-]+/g, '-')
  const ending = /\.[A-Za-z0-9.]{1,12}$/.exec(plain)?.[0] ?? ''
  const longest = 60
  return plain.length <= longest ? plain : plain.slice(0, longest - ending.length) + ending
}

/** RFC 6266: a name that is to be saved under, never opened. */
export function contentDisposition(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9 ._()-]/g, '_')
  const exact = encodeURIComponent(name).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`
}

/** A content type as a charger told it, if it has the form of one (RFC 9110 8.3). */
export function contentTypeOf(told: string | undefined): string | null {
  const type = /^[\w!#$%&'*+.^`|~-]{1,60}\/[\w!#$%&'*+.^`|~-]{1,60}(?=$|\s*;)/.exec(told ?? '')?.[0]
  return type === undefined ? null : type.toLowerCase()
}

/** A segment of a path, its escapes read where they can be. */
export function unescaped(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
