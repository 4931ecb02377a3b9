import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asciiColumn, textColumn, timeColumn } from '@paddock/mysql';

/** A brand's storefront in one market. */
@Entity('site')
export class SiteRow {
  @PrimaryColumn({ ...asciiColumn(100), name: 'site_key' }) key: string;
  @Column(textColumn(200)) name: string;
  /** ISO 3166 code of the jurisdiction that it is licensed in. */
  @Column(asciiColumn(20)) jurisdiction: string;
  /** BCP 47 tag. */
  @Column(asciiColumn(35)) locale: string;
  @Column(timeColumn) createdAt: Date;
}
