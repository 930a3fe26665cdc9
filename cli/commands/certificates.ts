import { Command, Option } from '@commander-js/extra-typings'
import { given } from '../option-values.ts'
import { session } from '../session.ts'
import type { Tone } from '../terminal/paint.ts'
import type { Column } from '../terminal/table.ts'
import { fields } from '../terminal/table.ts'
import { visible } from '../terminal/text.ts'
import { moment, relative } from '../terminal/time.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { allOption, limitOption, noun, reasonOption } from './options.ts'

type Certificate = Schemas['Certificate']

const states = [
  'requested',
  'replaced',
  'issued',
  'in-use',
  'superseded',
  'expired',
  'revoked',
] as const satisfies Certificate['state'][]

const tones: Readonly<Record<Certificate['state'], Tone>> = {
  requested: 'warn',
  replaced: 'dim',
  issued: 'warn',
  'in-use': 'good',
  superseded: 'dim',
  expired: 'bad',
  revoked: 'bad',
}

export function certificatesCommand(world: World): Command {
  return noun(
    'certificates',
    'Certificates that identify chargers.',
    list(world),
    show(world),
    revoke(world),
    authorities(world),
  )
}

function certificateColumns(now: number): readonly Column<Certificate>[] {
  const time = (at: string | null) => (at === null ? '' : relative(at, now))
  return [
    { title: 'CERTIFICATE', cell: ({ id }) => id },
    { title: 'CHARGER', cell: ({ charger }) => charger, least: 8 },
    { title: 'STATE', cell: ({ state }) => ({ text: state, tone: tones[state] }) },
    { title: 'ENDS', cell: ({ validUntil }) => time(validUntil) },
    { title: 'SHOWN', cell: ({ shownAt }) => time(shownAt), leaveOut: 2 },
    { title: 'SIGNED BY', cell: ({ own }) => (own ? 'us' : 'others'), leaveOut: 1 },
    { title: 'SERIAL', cell: ({ serial }) => serial ?? '', leaveOut: 3 },
  ]
}

function list(world: World) {
  return new Command('list')
    .description('List certificates and what chargers asked for, newest first.')
    .option('--charger <identity>', 'of this charger')
    .addOption(new Option('--state <state>', 'only these').choices(states))
    .addOption(
      new Option('--expiring <days>', 'valid now, and no longer in so many days').argParser(Number),
    )
    .addOption(limitOption())
    .addOption(allOption())
    .action(async ({ charger, state, expiring, limit, all }, command) => {
      const { server, out } = session(world, command)
      const filter = given({ charger, state, expiringWithinDays: expiring })
      const page = await gather({ limit, all }, (paging) =>
        server.ask(
          server.api.GET('/api/v1/certificates', { params: { query: { ...filter, ...paging } } }),
        ),
      )
      out.list(page, {
        what: 'certificates',
        key: ({ id }) => id,
        columns: certificateColumns(server.now()),
        empty:
          'There are none. Ask a charger for one with: otactl run certificate.request <charger>',
      })
    })
}

function show(world: World) {
  return new Command('show')
    .description('Show a certificate.')
    .argument('<id>', 'as in otactl certificates list')
    .action(async (id, _options, command) => {
      const { server, out } = session(world, command)
      const params = { path: { id } }
      const one = await server.ask(server.api.GET('/api/v1/certificates/{id}', { params }))
      const now = server.now()
      const times = [
        ['Asked for', one.requestedAt],
        ['Issued', one.issuedAt],
        ['Valid from', one.validFrom],
        ['Valid until', one.validUntil],
        ['First shown', one.shownAt],
      ] as const
      out.show(one, () =>
        fields(
          [
            ['Certificate', one.id],
            ['Charger', visible(one.charger)],
            ['State', out.paint(tones[one.state], one.state)],
            ['Subject', visible(one.subject ?? 'not signed yet')],
            ['Issuer', visible(one.issuer ?? '')],
            ['Serial', one.serial ?? ''],
            ['SHA-256', one.fingerprint ?? ''],
            ...times.flatMap(([name, at]) =>
              at === null ? [] : [[name, moment(at, now)] as const],
            ),
            ...(one.revoked === null
              ? []
              : [
                  [
                    'Revoked',
                    visible(
                      `${moment(one.revoked.at, now)} by ${one.revoked.by}: ${one.revoked.reason}`,
                    ),
                  ] as const,
                ]),
          ],
          out.paint,
        ),
      )
    })
}

function revoke(world: World) {
  return new Command('revoke')
    .description('Revoke a certificate for good, and end the charger’s connection.')
    .argument('<id>', 'as in otactl certificates list')
    .addOption(reasonOption())
    .action(async (id, { reason }, command) => {
      const { server, out } = session(world, command)
      const asked = { params: { path: { id } }, body: { reason } }
      const one = await server.ask(server.api.POST('/api/v1/certificates/{id}/revoke', asked))
      out.show(
        one,
        () => `The certificate of ${visible(one.charger)} is revoked.`,
        () => one.id,
      )
    })
}

function authorities(world: World) {
  return new Command('authorities')
    .description('List the authorities that sign chargers’ certificates; --json shows them whole.')
    .action(async (_options, command) => {
      const { server, out } = session(world, command)
      const page = await server.ask(server.api.GET('/api/v1/certificate-authorities'))
      const now = server.now()
      out.list(page, {
        what: 'authorities',
        key: ({ id }) => id,
        columns: [
          { title: 'AUTHORITY', cell: ({ subject }) => subject },
          { title: 'ORIGIN', cell: ({ origin }) => origin },
          { title: 'SIGNS HERE', cell: ({ signsHere }) => (signsHere ? 'yes' : 'no') },
          { title: 'ENDS', cell: ({ validUntil }) => relative(validUntil, now) },
          { title: 'SHA-256', cell: ({ fingerprint }) => fingerprint, leaveOut: 1 },
        ],
        empty: 'There is none yet: it is made when a charger first asks for a certificate.',
      })
    })
}
