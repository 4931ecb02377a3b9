// npm run sbom [-- FILE]: the bill of materials of what runs in production (CycloneDX 1.6, JSON), to FILE or standard output.
// SOURCE_DATE_EPOCH, in seconds, sets its time, so that two builds of the same sources are equal.
import { readFile, writeFile } from 'node:fs/promises';
import { inProject } from './setup/project.mjs';
import { readLock } from './supply/lock.mjs';
import { sbomOf } from './supply/sbom.mjs';

const { packages } = await readLock();
const project = JSON.parse(await readFile(inProject('package.json'), 'utf8'));
const epoch = process.env['SOURCE_DATE_EPOCH'];
const text = `${JSON.stringify(sbomOf(packages, project, epoch ? new Date(Number(epoch) * 1_000) : new Date()), null, 2)}\n`;
const [file] = process.argv.slice(2);
if (file) await writeFile(file, text);
else process.stdout.write(text);
