import { type Command, Option } from 'commander';
import type { Side } from './session-options.ts';
import { once, parsePath } from './values.ts';

/** What `command.opts()` holds once `addSecurityOptions` was called. */
export interface SecurityOptions {
  readonly keyFile?: string;
  readonly plaintext?: boolean;
  /** Of who calls: the text of an identity. */
  readonly peerKey?: string;
  /** Of who is called: a file. */
  readonly identity?: string;
}

const HEADING = 'Security (encrypted unless told otherwise):';

/** Adds the options that say who may talk to whom. A key is never among the arguments: others can see those. */
export function addSecurityOptions(command: Command, side: Side): Command {
  const add = (option: Option): void => void command.addOption(option.helpGroup(HEADING));
  const file = (flags: string, help: string): Option => new Option(flags, help).argParser(once(parsePath));
  add(file('--key-file <file>', 'the key that both sides share, from `udpcp keygen`; or put it in UDPCP_KEY'));
  if (side !== 'recv') {
    const help = `${side === 'send' ? 'send only to' : 'call only'} whoever proves to have this public key (udpcp1id_...)`;
    add(new Option('--peer-key <key>', help).argParser(once((text) => text)));
  }
  if (side !== 'send') {
    const who = side === 'recv' ? 'this receiver' : 'the side that listens';
    add(file('--identity <file>', `prove who ${who} is; the file is made if there is none`));
  }
  add(
    new Option('--plaintext', 'no encryption, on both sides; for experiments').conflicts([
      'keyFile',
      'peerKey',
      'identity',
    ]),
  );
  return command;
}
