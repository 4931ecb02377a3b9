import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { GateRegistry } from './gate-registry.js';

/** What the modules of the application register with the engine as gates and plan observers. */
@Module({ imports: [DiscoveryModule], providers: [GateRegistry], exports: [GateRegistry] })
export class GatesModule {}
