#!/usr/bin/env node
import './start/node-version.ts'

import { runCommandLine } from './start/command-line.ts'

const code = await runCommandLine(process.argv.slice(2), process.env)
if (code !== null) process.exitCode = code
