import { Command, Option } from '@commander-js/extra-typings'
import { Failure, usage } from '../failure.ts'
import { exitCodes } from '../exit-codes.ts'
import { given } from '../option-values.ts'
import { session, type Session } from '../session.ts'
import { fields } from '../terminal/table.ts'
import { visible, visibleJson } from '../terminal/text.ts'
import { gather } from '../wire/pages.ts'
import type { Schemas } from '../wire/server.ts'
import type { World } from '../world.ts'
import { approvalColumns, approvalFields } from './approval-view.ts'
import { allOption, limitOption, noun, reasonOption } from './options.ts'

const states = [
  'waiting',
  'approved',
  'executed',
  'vetoed',
  'withdrawn',
  'expired',
  'void',
] as const

export function approvalsCommand(world: World): Command {
  return noun(
    'approvals',
    'What others have to agree to before it is done.',
    kinds(world),
    list(world),
    show(world),
    request(world),
    approve(world),
    veto(world),
    withdraw(world),
    execute(world),
  )
}

function kinds(world: World) {
  return new Command('kinds')
    .description(
      'List what can be asked for; with the name of a kind, the JSON Schema of its content.',
    )
    .argument('[kind]')
    .action(async (wanted, _options, command) => {
      const { server, out } = session(world, command)
      const page = await server.ask(server.api.GET('/api/v1/approval-requests/kinds'))
      if (wanted === undefined)
        return out.list(page, {
          what: 'kinds',
          key: ({ name }) => name,
          columns: [
            { title: 'KIND', cell: ({ name }) => name },
            { title: 'WHAT', cell: ({ description }) => description, least: 20 },
          ],
          empty: 'Nothing can be asked for.',
        })
      const kind = page.items.find(({ name }) => name === wanted)
      if (kind === undefined)
        throw usage(
          `there is no kind ${wanted}`,
          `There are ${page.items.map(({ name }) => name).join(', ')}.`,
        )
      out.show(kind, () => visibleJson(kind.schema, 2))
    })
}

function list(world: World) {
  return new Command('list')
    .description('List requests, newest first.')
    .option('--mine', 'what you asked for')
    .option('--for-me', 'what you could approve now')
    .addOption(new Option('--state <state>', 'in this state').choices(states))
    .addOption(new Option('--kind <kind>', 'of this kind, e.g. command'))
    .addOption(limitOption())
    .addOption(allOption())
    .action(async ({ mine, forMe, state, kind, limit, all }, command) => {
      const { server, out } = session(world, command)
      if (mine === true && forMe === true) throw usage('--mine and --for-me exclude each other')
      const which = forMe === true ? 'for-me' : mine === true ? 'mine' : undefined
      const filter = given({ which, state, kind } as const)
      const page = await gather({ limit, all }, (paging) =>
        server.ask(
          server.api.GET('/api/v1/approval-requests', {
            params: { query: { ...filter, ...paging } },
          }),
        ),
      )
      out.list(page, {
        what: 'requests',
        key: ({ id }) => id,
        columns: approvalColumns(server.now()),
        empty: 'Nothing is asked for.',
      })
    })
}

function show(world: World) {
  return new Command('show')
    .description('Show a request: what it would reach, who said what, and what is missing.')
    .argument('<request>')
    .option('--all-targets', 'every charger, not the first 20 only')
    .action(async (id, { allTargets }, command) => {
      const { server, out } = session(world, command)
      const shown = await detail({ server }, id)
      out.show(shown, () => fields(approvalFields(shown, given({ allTargets })), out.paint))
    })
}

function detail({ server }: Pick<Session, 'server'>, id: string) {
  return server.ask(server.api.GET('/api/v1/approval-requests/{id}', { params: { path: { id } } }))
}

function request(world: World) {
  return new Command('request')
    .description(
      'Ask for something that is no command: a change of policy, a role, a binding (run … --request-approval asks for commands).',
    )
    .argument(
      '<kind>',
      'e.g. policy, role, team, binding, binding-end, factor-reset, break-glass, token',
    )
    .requiredOption('--content <json>', 'what exactly; see otactl approvals kinds <kind>')
    .addOption(reasonOption())
    .option('--ticket <id>', 'where the reason is written up')
    .option('--by-hand', 'do it when you say so, not as soon as it may be done')
    .option('--idempotency-key <key>', 'the same key never asks twice')
    .action(async (kind, { content, reason, ticket, byHand, idempotencyKey }, command) => {
      const execute = byHand === true ? ('by-hand' as const) : undefined
      await askFor(session(world, command), {
        ...{ kind, content: objectIn(content), reason },
        ...given({ ticket, idempotencyKey, execute }),
      })
    })
}

/** Asks for something that is no command, and says what happens with it now. */
export async function askFor(
  running: Session,
  asked: Omit<Schemas['NewApprovalRequest'], 'params'>,
): Promise<void> {
  const { server } = running
  // Only commands have parameters.
  const body = { ...asked, params: {} }
  sayRequested(running, await server.ask(server.api.POST('/api/v1/approval-requests', { body })))
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // Said below like every other text that is no object.
  }
  throw usage('--content is no JSON object', 'Write it like \'{"role":"operator", …}\'.')
}

/** What was asked for, and what happens with it now. */
export function sayRequested({ out }: Session, made: Schemas['ApprovalRequest']): void {
  out.show(
    made,
    () =>
      [
        `Request ${made.id}: ${visible(made.summary)}`,
        `It is ${made.state}. Others see it with: otactl approvals show ${made.id}`,
      ].join('\n'),
    () => visible(made.id),
  )
}

function approve(world: World) {
  return new Command('approve')
    .description('Approve a request, having seen what it would reach.')
    .argument('<request>')
    .option('--digest <hex>', 'of what you were shown; it is shown and asked about without it')
    .option('--comment <text>', 'kept in the audit record')
    .action(async (id, { digest, comment }, command) => {
      const running = session(world, command)
      const { server } = running
      const seen = digest ?? (await confirmedDigest(running, id))
      const params = { path: { id } }
      const body = { digest: seen, ...given({ comment }) }
      const done = await server.ask(
        server.api.POST('/api/v1/approval-requests/{id}/approve', { params, body }),
      )
      sayState(running, done)
    })
}

/** Shows the request and asks: what is approved is what was shown. */
async function confirmedDigest(running: Session, id: string): Promise<string> {
  const { out, world } = running
  if (!world.input.isTerminal || !world.err.isTerminal)
    throw usage('nobody can be asked here', 'Say --digest with what otactl approvals show says.')
  const shown = await detail(running, id)
  out.note(fields(approvalFields(shown), out.paint))
  const answer = await world.input.ask('Approve this? [y/N] ', world.interrupted)
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new Failure(exitCodes.usage, 'not-confirmed', 'not confirmed; nothing was approved')
  return shown.digest
}

function sayState(
  { out }: Session,
  request: Pick<Schemas['ApprovalRequest'], 'id' | 'state' | 'summary'>,
): void {
  out.show(request, () => `${request.id} is ${request.state}: ${visible(request.summary)}`)
}

function veto(world: World) {
  return new Command('veto')
    .description('End a request for good, also while it waits to be carried out.')
    .argument('<request>')
    .requiredOption('--comment <text>', 'why; kept in the audit record')
    .action(async (id, { comment }, command) => {
      const running = session(world, command)
      const { server } = running
      const params = { path: { id } }
      const done = await server.ask(
        server.api.POST('/api/v1/approval-requests/{id}/veto', { params, body: { comment } }),
      )
      sayState(running, done)
    })
}

function withdraw(world: World) {
  return new Command('withdraw')
    .description('Take your own request back.')
    .argument('<request>')
    .option('--comment <text>', 'kept in the audit record')
    .action(async (id, { comment }, command) => {
      const running = session(world, command)
      const { server } = running
      const params = { path: { id } }
      const done = await server.ask(
        server.api.POST('/api/v1/approval-requests/{id}/withdraw', {
          params,
          body: given({ comment }),
        }),
      )
      sayState(running, done)
    })
}

function execute(world: World) {
  return new Command('execute')
    .description(
      'Carry out your own approved request that waits for you. A link, code or token it makes is shown this once.',
    )
    .argument('<request>')
    .action(async (id, _options, command) => {
      const running = session(world, command)
      const { server } = running
      const params = { path: { id } }
      const done = await server.ask(
        server.api.POST('/api/v1/approval-requests/{id}/execute', { params }),
      )
      const { handedOver } = done
      if (handedOver === null) return sayState(running, done)
      const { out } = running
      const secret = handedOver['link'] ?? handedOver['code'] ?? handedOver['secret']
      out.show(
        done,
        () => out.paint('strong', visible(String(secret))),
        () => visible(String(secret)),
      )
      out.note(`${visible(done.summary)}: done. This is not shown again; keep or hand it over now.`)
    })
}
