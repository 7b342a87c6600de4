import type { z } from 'zod'

const KINDS: Partial<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

/** The message for a value without a message of its own, for the person who has to fix it. */
export function validationMessage(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'This is missing.'
      return `This must be ${KINDS[issue.expected] ?? issue.expected}.`
    case 'invalid_value':
      return `This must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}.`
    case 'too_small':
      return issue.origin === 'string'
        ? `This must have at least ${issue.minimum} characters.`
        : `This must be at least ${issue.minimum}.`
    case 'too_big':
      if (issue.origin === 'string') return `This must have at most ${issue.maximum} characters.`
      if (issue.origin === 'array') return `There must be at most ${issue.maximum} of them.`
      return `This must be at most ${issue.maximum}.`
    case 'unrecognized_keys':
      return `There is no field called ${issue.keys.map((key) => `"${key}"`).join(' or ')} here.`
    default:
      return undefined
  }
}
