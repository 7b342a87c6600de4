import { expect, test } from 'vitest'
import { callOf } from '../../start/command-line.ts'
import { resetOwner } from '../../start/commands/reset-owner.ts'
import { serve } from '../../start/commands/serve.ts'

test('without any argument the service is run', () => {
  expect(callOf([])).toMatchObject({ command: serve, operands: [] })
})

test('a command gets its operands and options, in whatever order', () => {
  const asked = { command: resetOwner, operands: ['dana@example.edu'], options: { 'second-factor': true } }
  expect(callOf(['reset-owner', 'dana@example.edu', '--second-factor'])).toMatchObject(asked)
  expect(callOf(['reset-owner', '--second-factor', 'dana@example.edu'])).toMatchObject(asked)
})

for (const args of [['--help'], ['-h'], ['help'], ['serve', '-h'], ['reset-owner', '--help']])
  test(`help is given for ${args.join(' ')}`, () => {
    expect(callOf(args)).toEqual({ command: 'help' })
  })

const wrongs = [
  { args: ['sreve'], wrong: 'There is no command "sreve".' },
  { args: ['constructor'], wrong: 'There is no command "constructor".' },
  { args: ['--port'], wrong: 'There is no command "--port".' },
  { args: ['reset-owner'], wrong: 'The command is reset-owner EMAIL [--second-factor].' },
  { args: ['reset-owner', 'a', 'b'], wrong: 'The command is reset-owner EMAIL [--second-factor].' },
  { args: ['serve', 'now'], wrong: 'The command is serve.' },
  { args: ['check-config', '--all'], wrong: "Unknown option '--all'." },
]
for (const { args, wrong } of wrongs)
  test(`a sentence says what is wrong with ${args.join(' ')}`, () => {
    expect(callOf(args)).toEqual({ command: null, wrong })
  })
