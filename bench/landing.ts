import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createLogger, nestLogger } from '@paddock/runtime';
import { SYSTEM } from '../apps/control-plane/src/access/actor.js';
import { DatabaseModule } from '../apps/control-plane/src/database/database.module.js';
import { Database } from '../apps/control-plane/src/database/database.js';
import { Documents } from '../apps/control-plane/src/documents/documents.js';
import { DocumentsModule } from '../apps/control-plane/src/documents/documents.module.js';
import { Drafts } from '../apps/control-plane/src/documents/drafts.js';
import { KindsModule } from '../apps/control-plane/src/kinds/kinds.module.js';
import { ProcessModule } from '../apps/control-plane/src/process.module.js';
import { databaseNow } from '../apps/control-plane/src/releases/environments.js';
import { Planner } from '../apps/control-plane/src/releases/planner.js';
import { Publish } from '../apps/control-plane/src/releases/publish.js';
import { Releases } from '../apps/control-plane/src/releases/releases.js';
import { ReleasesModule } from '../apps/control-plane/src/releases/releases.module.js';
import { readSettings } from '../apps/control-plane/src/settings.js';
import { Editor } from './editor.js';
import type { Figure, Outcome } from './figures.js';
import type { Installation } from './installation.js';
import { promoBody } from './promos.js';
import { median, ms, spreadOf } from './statistics.js';

const LANDINGS = 60;
const WARM_UP = 10;
/** Of the sample site: on its homepage by tag. */
const EDITED = 'price-boost-saturday';

/** Lands the n-th change of one promo and returns the milliseconds of the measured part. */
type LandOne = (number: number) => Promise<number>;

/** The cost of landing one change among many documents, against the cost among few; in turns. */
export async function benchLanding(few: Installation, many: Installation): Promise<Outcome> {
  const figures = [
    await compared('the mutation publishRelease', await overHttp(few), await overHttp(many)),
    await compared('land() itself, in the process', await inProcess(few), await inProcess(many)),
  ];
  return { figures, observations: [] };
}

async function compared(name: string, few: LandOne, many: LandOne): Promise<Figure> {
  const took = { few: new Array<number>(), many: new Array<number>() };
  for (let number = 0; number < WARM_UP + LANDINGS; number += 1) {
    const [amongFew, amongMany] = [await few(number), await many(number)];
    if (number < WARM_UP) continue;
    took.few.push(amongFew);
    took.many.push(amongMany);
  }
  const inTenths = Array.from(
    { length: LANDINGS / 10 },
    (_, tenth) =>
      median(took.many.slice(tenth * 10, tenth * 10 + 10)) / median(took.few.slice(tenth * 10, tenth * 10 + 10)),
  );
  return {
    name: `landing one change among 100,000 documents: ${name}, median of ${LANDINGS}`,
    measured: ms(median(took.many)),
    limit: `among 10: ${ms(median(took.few))}`,
    ratio: median(took.many) / median(took.few),
    spread: spreadOf(inTenths),
    bar: { atMost: 2 },
  };
}

const edited = (number: number) => promoBody(number, { tags: ['homepage', 'boosts'] });

async function overHttp(installation: Installation): Promise<LandOne> {
  const controlPlane = await installation.start('controlPlane');
  const editor = await Editor.signIn(controlPlane.app.url, installation.signIn);
  return async (number) => {
    const planned = await editor.plan([await editor.save('promo', EDITED, edited(number))]);
    const began = performance.now();
    await editor.publish(planned);
    return performance.now() - began;
  };
}

@Module({ imports: [DatabaseModule, KindsModule, DocumentsModule, ReleasesModule] })
class LandingApplication {}

async function inProcess({ env }: Installation): Promise<LandOne> {
  const logger = createLogger('bench', 'warn');
  const process = ProcessModule.of('bench', readSettings(env), logger);
  const app = await NestFactory.createApplicationContext(
    { module: LandingApplication, imports: [process] },
    { logger: nestLogger(logger) },
  );
  const [database, documents, drafts] = [app.get(Database), app.get(Documents), app.get(Drafts)];
  const [releases, planner, publish] = [app.get(Releases), app.get(Planner), app.get(Publish)];
  const document = await documents.byRef('promo', 'acme-uk', EDITED);
  if (!document) throw new Error(`the sample site has no promo ${EDITED}`);
  return async (number) => {
    const lockVersion = (await documents.drafts([document.id])).get(document.id)?.lockVersion;
    const body = edited(1_000 + number);
    await drafts.save(SYSTEM, { kind: 'promo', key: EDITED, site: 'acme-uk', lockVersion, body, bodyPath: 'body' });
    const release = await releases.create(SYSTEM, {
      environment: 'production',
      title: 'Bench',
      documents: [document.id],
      remove: [],
    });
    const { plan } = await planner.ready(database.manager, release, await databaseNow(database.manager));
    const began = performance.now();
    await publish.publish(SYSTEM, { id: release.id, planHash: plan.hash, idempotencyKey: `bench-${release.id}` });
    return performance.now() - began;
  };
}
