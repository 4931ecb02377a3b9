import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { GateRegistry } from './gate-registry.js';

/** Gates and plan observers that modules of the application register with the engine. */
@Module({ imports: [DiscoveryModule], providers: [GateRegistry], exports: [GateRegistry] })
export class GatesModule {}
