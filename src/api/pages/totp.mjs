import { encode } from '/pages/vendor/uqr/index.mjs'

const svg = 'http://www.w3.org/2000/svg'

/** A QR code as a picture, made here: the secret in it goes nowhere. */
export function qrCode(text) {
  const { data, size } = encode(text, { border: 1 })
  const picture = document.createElementNS(svg, 'svg')
  picture.setAttribute('viewBox', `0 0 ${size} ${size}`)
  picture.setAttribute('class', 'qr')
  picture.setAttribute('role', 'img')
  picture.setAttribute('aria-label', 'QR code for an authenticator app')
  picture.setAttribute('shape-rendering', 'crispEdges')
  const dark = document.createElementNS(svg, 'path')
  const squares = data.flatMap((row, y) =>
    row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])),
  )
  dark.setAttribute('d', squares.join(''))
  picture.append(dark)
  return picture
}

/** The secret in groups, for typing. */
export const grouped = (secret) => secret.match(/.{1,4}/g).join(' ')
