/**
 * @file Computes SHA-256 without Node, so that a browser identifies data by the same hashes.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** A part of what is hashed; a text counts as its UTF-8 bytes. */
export type HashPart = Uint8Array | string;

/** @returns the 32 bytes of the SHA-256 of all parts, one after the other */
export function sha256Bytes(...parts: readonly HashPart[]): Uint8Array {
  const hash = sha256.create();
  const encoder = new TextEncoder();
  for (const part of parts) hash.update(typeof part === 'string' ? encoder.encode(part) : part);
  return hash.digest();
}

/** @returns the SHA-256 of all parts, one after the other, in lower-case hexadecimal */
export function sha256Hex(...parts: readonly HashPart[]): string {
  return bytesToHex(sha256Bytes(...parts));
}
