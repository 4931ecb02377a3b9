import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { productionPackages, readLock } from './lock.mjs';
import { sbomOf } from './sbom.mjs';

const SCHEMAS = 'node_modules/@cyclonedx/cyclonedx-library/res/schema';
const NOW = new Date('2026-11-30T12:00:00Z');

describe('the bill of materials', () => {
  let packages: Awaited<ReturnType<typeof readLock>>['packages'];
  let project: { name: string; version: string; license: string; description: string };
  beforeAll(async () => {
    ({ packages } = await readLock());
    project = JSON.parse(await readFile('package.json', 'utf8'));
  });

  it('is valid CycloneDX 1.6', async () => {
    const read = async (name: string): Promise<object> =>
      JSON.parse(await readFile(`${SCHEMAS}/${name}.SNAPSHOT.schema.json`, 'utf8'));
    const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
    for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs'])
      ajv.addSchema(await read(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
    formats.default(ajv);
    for (const name of ['iri-reference', 'idn-email']) ajv.addFormat(name, true);
    const validate = ajv.compile(await read('bom-1.6'));
    validate(JSON.parse(JSON.stringify(sbomOf(packages, project, NOW))));
    expect(validate.errors ?? []).toEqual([]);
  });

  it('names every package that runs in production once, those among them that development uses too', () => {
    const bill = sbomOf(packages, project, NOW);
    const full = ({
      group,
      name,
      version,
    }: {
      group?: string | undefined;
      name?: string | undefined;
      version?: string | undefined;
    }) => `${group ? `${group}/` : ''}${name}@${version}`;
    const listed = bill.components.map(full).sort();
    expect(listed).toEqual(
      productionPackages(packages)
        .map(({ name, entry }) => `${name}@${entry.version}`)
        .sort(),
    );
    expect(listed).toContain(`@nestjs/core@${packages['node_modules/@nestjs/core']?.version}`);
    expect(new Set(bill.components.map((component) => component['bom-ref'])).size).toBe(bill.components.length);
  });

  it('says what each package is made of, needs and is licensed under', () => {
    const { components, dependencies } = sbomOf(packages, project, NOW);
    const fastify = components.find(({ purl }) => purl.startsWith('pkg:npm/fastify@'));
    expect(fastify).toMatchObject({
      licenses: [{ license: { id: 'MIT' } }],
      hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
    });
    expect(dependencies.find(({ ref }) => ref === fastify?.['bom-ref'])?.dependsOn).toContainEqual(
      expect.stringMatching(/^pkg:npm\/pino@/),
    );
    expect(components.filter(({ licenses }) => licenses.length === 0)).toEqual([]);
  });

  it('is the same for the same packages and time', () => {
    expect(sbomOf(packages, project, NOW)).toEqual(sbomOf(packages, project, NOW));
  });
});
