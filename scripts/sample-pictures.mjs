// node scripts/sample-pictures.mjs: draws the pictures of the sample site and writes them to the edge's sources. Needs Node 24.
import { writeFile } from 'node:fs/promises';
import { say } from './setup/progress.mjs';
import { inProject } from './setup/project.mjs';
import { PICTURES } from './sample-pictures/pictures.mjs';
import { png } from './sample-pictures/png.mjs';

const SIZE = { width: 960, height: 400 };
const LINE = 110;

const entries = Object.entries(PICTURES).map(([name, { palette, colourAt }]) => {
  const image = png({ ...SIZE, palette, colourAt });
  say(`${name}.png: ${image.length} bytes`);
  const lines = image.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return `  '${name}.png':\n${lines.map((line) => `    '${line}'`).join(' +\n')},\n`;
});

await writeFile(
  inProject('apps', 'edge', 'src', 'sample-media', 'pictures.ts'),
  `/** The pictures of the sample site as PNG in base64, by file name. Drawn by scripts/sample-pictures.mjs. */
export const SAMPLE_PICTURES: Readonly<Record<string, string>> = {
${entries.join('')}};
`,
);
