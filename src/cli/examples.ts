/** One command line, and what it does. */
type Example = readonly [line: string, meaning: string];

/** For the end of `udpcp --help`, and the manual. */
export const EXAMPLES: readonly Example[] = [
  ['udpcp recv --out inbox', 'receive files into ./inbox on UDP port 9000'],
  ['udpcp send photo.jpg notes.txt host.example', 'send two files there'],
  ['udpcp send -p project host.example', 'send a directory, with times and permission bits'],
  ['udpcp send big.iso [2001:db8::7]:9100', 'to another port, over IPv6'],
  ['tar c . | udpcp send - --as x.tar host.example', 'send what a program writes'],
  ['udpcp pipe --listen 9001', 'a two-way pipe; the other side: udpcp pipe host.example:9001'],
  ['udpcp keygen --key-file key', 'then give --key-file key on both sides: nobody else gets in'],
  ['udpcp send photo.jpg localhost --loss 20%', 'try it on a bad network'],
];

/** For the end of each command's help. */
const OF_COMMANDS: Readonly<Record<string, readonly Example[]>> = {
  send: [
    ['udpcp send photo.jpg notes.txt host.example', 'two files, to UDP port 9000'],
    ['udpcp send -p project host.example', 'a directory, with times and permission bits'],
    ["udpcp send project host --exclude '*.o' --dry-run", 'what would be sent'],
    ['tar c . | udpcp send - --as x.tar host.example', 'what a program writes'],
    ['udpcp send photo.jpg host.example --key-file key', 'to a receiver with the same key'],
    ['udpcp send photo.jpg localhost --loss 5% --seed 7', 'through a bad network, the same each time'],
  ],
  recv: [
    ['udpcp recv --out inbox', 'into ./inbox, on UDP port 9000, until Ctrl-C'],
    ['udpcp recv --out inbox --once', 'one transfer'],
    ['udpcp recv --out inbox --key-file key', 'from senders with the same key only'],
    ['udpcp recv --out inbox --allow 192.0.2.0/24', 'from one network only'],
    ['udpcp recv --out - | tar x', 'one file, to a program'],
    ['udpcp recv --out inbox --list-partials', 'what interrupted transfers left'],
  ],
  pipe: [
    ['udpcp pipe --listen 9001', 'on one side: wait for one caller'],
    ['udpcp pipe host.example:9001', 'on the other: what goes in here comes out there, both ways'],
    ['udpcp pipe --listen 9001 --key-file key', 'for callers with the same key only'],
  ],
  keygen: [
    ['udpcp keygen --key-file key', 'once; carry the file to the other side, by ssh for example'],
    ['udpcp keygen --identity id', 'for recv --identity id; what it prints is for send --peer-key'],
  ],
  completion: [
    ['eval "$(udpcp completion bash)"', 'in ~/.bashrc'],
    ['eval "$(udpcp completion zsh)"', 'in ~/.zshrc, after compinit'],
    ['udpcp completion fish | source', 'in ~/.config/fish/config.fish'],
  ],
};

/** The examples of a command as the end of its help; empty: it has none. */
export function examplesOf(name: string): string {
  return examplesHelp(OF_COMMANDS[name] ?? []);
}

/** A title and one line each; empty: there are none. */
export function examplesHelp(examples: readonly Example[]): string {
  return examples.length === 0 ? '' : ['\nExamples:', ...exampleLines(examples).map((line) => `  ${line}`)].join('\n');
}

/** The meanings stand below one another. */
export function exampleLines(examples: readonly Example[]): string[] {
  const width = Math.max(...examples.map(([line]) => line.length));
  return examples.map(([line, meaning]) => `${line.padEnd(width)}  ${meaning}`);
}
