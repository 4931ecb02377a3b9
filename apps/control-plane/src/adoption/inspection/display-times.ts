import { splitName, WORDS } from './column-words.js';

/** Words beside those of a beginning or an end that still speak of when something is shown. */
const OF_DISPLAY = new Set(
  (
    'publish publishing publication display displayed show shown visible visibility active activation activate valid validity schedule scheduled ' +
    'available availability online live up down time datetime utc local gmt date dates day days data datum fecha tanggal promo promotion promotions banner banners slide slides ' +
    'slider ad ads advert campaign offer special featured content post page block item element entry article node row vigencia publicacion publicacao exibicao gueltig valido'
  ).split(' '),
);

/** What has a time of its own: when a match is played is not when it is shown. */
const HAPPENS = new Set(
  'event events match matches fixture fixtures game games concert concerts course courses booking bookings reservation reservations appointment appointments shift shifts season seasons tournament tournaments race races meeting meetings rental rentals contract contracts subscription subscriptions order orders shipment shipments'.split(
    ' ',
  ),
);

/** May a time of this name say when its row is shown, and not when something else happens? */
export function isDisplayTime(column: string, table: string): boolean {
  const words = splitName(column);
  if (splitName(table).some((word) => HAPPENS.has(word)))
    return words.some((word) => /^(?:publish|publication|display|show|visible|visibility|online|live)/.test(word));
  const ofTable = new Set(splitName(table).flatMap((word) => [word, word.replace(/s$/, '')]));
  return words.every(
    (word) =>
      OF_DISPLAY.has(word) ||
      WORDS.FROM.includes(word) ||
      WORDS.TO.includes(word) ||
      ofTable.has(word) ||
      ofTable.has(word.replace(/s$/, '')) ||
      /^(?:at|on|is|the|a|no|num|\d+)$/.test(word),
  );
}
