/** One field of a vector: offset, width in bytes, name, value in hexadecimal. */
export type LayoutRow = readonly [offset: number, width: number, field: string, hex: string];

/** CRC-32C by its definition, one bit at a time: too simple to be wrong. */
export function bitwiseCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** Lays fields one behind the other with DataView and BigInt, and remembers where each stands. */
export class Layout {
  readonly rows: LayoutRow[] = [];
  #bytes = new Uint8Array(0);

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get hex(): string {
    return Buffer.from(this.#bytes).toString('hex');
  }

  /** An unsigned big-endian integer of `width` bytes; a negative value in two's complement. */
  uint(field: string, width: number, value: number | bigint): this {
    const whole = new DataView(new ArrayBuffer(8));
    whole.setBigInt64(0, BigInt.asIntN(64, BigInt(value)));
    return this.raw(field, new Uint8Array(whole.buffer, 8 - width));
  }

  raw(field: string, bytes: Uint8Array): this {
    this.rows.push([this.#bytes.length, bytes.length, field, Buffer.from(bytes).toString('hex')]);
    this.#bytes = new Uint8Array([...this.#bytes, ...bytes]);
    return this;
  }

  /** A length of `width` bytes, then the bytes it counts; no row for none. */
  counted(field: string, width: number, bytes: Uint8Array): this {
    this.uint(`${field} length`, width, bytes.length);
    return bytes.length === 0 ? this : this.raw(field, bytes);
  }

  zeros(field: string, count: number): this {
    return this.raw(field, new Uint8Array(count));
  }

  /** All rows of another layout behind ours, their names after `prefix`. */
  append(prefix: string, other: Layout): this {
    for (const [, , field, hex] of other.rows) this.raw(`${prefix}${field}`, Buffer.from(hex, 'hex'));
    return this;
  }

  /** The CRC-32C of everything so far. */
  crc(): this {
    return this.uint('crc', 4, bitwiseCrc32c(this.#bytes));
  }
}
