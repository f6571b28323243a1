/** Why an entry was skipped, refused or not stored; uint16 on the wire (PROTOCOL.md, section "Transfer codes"). */
export const TRANSFER_CODE = {
  ok: 0,
  exists: 1,
  name: 2,
  space: 3,
  store: 4,
  digest: 5,
  tooLarge: 6,
  unsupported: 7,
  sourceChanged: 8,
  sourceUnreadable: 9,
  cancelled: 10,
  busy: 11,
} as const;
