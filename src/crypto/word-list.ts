/** The 2048 English words of BIP-39: each is known by its first four letters. */
export { wordlist as WORD_LIST } from '@scure/bip39/wordlists/english';
