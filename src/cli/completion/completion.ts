import type { Command } from 'commander';
import { bashScript } from './completion-bash.ts';
import { fishScript } from './completion-fish.ts';
import { type Completed, commandsOf } from './completion-model.ts';
import { zshScript } from './completion-zsh.ts';

const SCRIPTS: Readonly<Record<'bash' | 'zsh' | 'fish', (commands: readonly Completed[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** A script for a shell that knows every command and option of the program, and needs nothing else. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', program: Command): string {
  return SCRIPTS[shell](commandsOf(program));
}
