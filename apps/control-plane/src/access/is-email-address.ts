
/** Two addresses that look the same are the same: nothing invisible, no characters in another width or form. */
function isPlain(address: string): boolean {
  return invisibleCharacter(address) === undefined && address === address.normalize('NFKC');
}
