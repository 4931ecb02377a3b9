import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { Access } from './access.js';
import { Actors } from './actors.js';
import { Authors } from './authors.js';
import { NewPasswords } from './passwords/new-passwords.js';
import { Passwords } from './passwords/passwords.js';
import { Sessions } from './sign-in/sessions.js';
import { FirstAdministrator } from './users/first-administrator.js';
import { Grants } from './users/grants.js';
import { Users } from './users/users.js';

/** Who there is, and who may do what. The worker has it too: schedules act in somebody's name. */
@Module({
  imports: [AuditModule],
  providers: [Access, Actors, Authors, FirstAdministrator, Grants, NewPasswords, Passwords, Sessions, Users],
  exports: [Access, Actors, Authors, FirstAdministrator, Grants, Passwords, Sessions, Users],
})
export class AccessModule {}
