// Makes the list of common passwords that Paddock ships, most common first, from the package @zxcvbn-ts/language-common
// (MIT). Unpack that package (npm pack, tar xzf), then: node scripts/common-passwords.mjs package/src/passwords.json
import { readFile, writeFile } from 'node:fs/promises';
import { brotliCompressSync, constants } from 'node:zlib';
import { inProject } from './setup/project.mjs';

const [source] = process.argv.slice(2);
if (!source) throw new Error('name the file passwords.json of @zxcvbn-ts/language-common');

/** @type {string[]} */
const listed = JSON.parse(await readFile(source, 'utf8'));
const words = [...new Set(listed.map((word) => word.normalize('NFKC').toLowerCase()))].filter(
  (word) => word.length >= 4,
);
const packed = brotliCompressSync(words.join('\n'), {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
}).toString('base64');

const licence = `Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc.; Copyright (c) 2021 @zxcvbn-ts. MIT licence:
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
 * documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
 * rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
 * persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice
 * and this permission notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS
 * PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
 * MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT
 * HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
 * ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const lines = packed.match(/.{1,124}/g) ?? [];
await writeFile(
  inProject('apps', 'control-plane', 'src', 'access', 'passwords', 'common-passwords.ts'),
  `/* eslint-disable max-lines -- made by scripts/common-passwords.mjs; never edited */
/*
 * ${words.length} passwords that are known from breaches, most common first, from the list of @zxcvbn-ts/language-common.
 * ${licence}
 */
/** Brotli in base64: one password a line, in lower case. */
export const PACKED_COMMON_PASSWORDS = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`,
);
console.log(`${words.length} passwords, ${packed.length} characters`);
