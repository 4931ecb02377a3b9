// node scripts/pin-images.mjs: pins every image of the Dockerfile and the Compose files to the digest that its tag has
// in Docker Hub now. To move to another version, change the tag first. With --check it only lists the digests that
// differ.
import { readFile, writeFile } from 'node:fs/promises';
import { say } from './setup/progress.mjs';
import { inProject } from './setup/project.mjs';
import { digestOf, imagesIn, withDigests } from './supply/image-references.mjs';

const files = ['Dockerfile', '.devcontainer/Dockerfile', 'docker-compose.yml', 'deploy/local-servers.yml'].map((file) =>
  inProject(file),
);
const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
const images = texts.flatMap(imagesIn);
/** @type {Map<string, string>} */
const digests = new Map();
for (const image of images) {
  const name = `${image.repository}:${image.tag}`;
  const digest = digests.get(name) ?? (await digestOf(image));
  digests.set(name, digest);
  if (image.digest === digest) continue;
  say(`${name} is ${digest} now, not ${image.digest ?? 'pinned'}`);
  if (process.argv.includes('--check')) process.exitCode = 1;
}
if (!process.argv.includes('--check'))
  await Promise.all(files.map((file, index) => writeFile(file, withDigests(texts[index] ?? '', digests))));
