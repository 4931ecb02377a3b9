import { iso31661, iso31661Alpha3ToAlpha2, iso31661Reserved, iso31662 } from 'iso-3166';
import { quote } from './targeting-problem.js';

/** Names of the countries, by their ISO 3166-1 alpha-2 code. */
const COUNTRIES: ReadonlyMap<string, string> = new Map(iso31661.map(({ alpha2, name }) => [alpha2, name]));

/** Codes of the parts of countries: ISO 3166-2. */
const SUBDIVISIONS: ReadonlySet<string> = new Set(iso31662.map(({ code }) => code));

/** Codes that ISO 3166-1 keeps for something that is no country, or no country any more. */
const RESERVED: ReadonlyMap<string, string> = new Map(iso31661Reserved.map(({ alpha2, name }) => [alpha2, name]));

/** Reserved codes of groups of countries, for which no single code can be offered. */
const GROUPS: ReadonlySet<string> = new Set(['EU', 'EZ', 'UN']);

/** Is it a code that ISO 3166-1 assigns to a country (alpha-2), or ISO 3166-2 to a part of one: `GB`, `US-NJ`? */
export function isJurisdiction(text: string): boolean {
  return COUNTRIES.has(text) || SUBDIVISIONS.has(text);
}

/** Why a text is no {@link isJurisdiction}, with the code that was probably meant. `undefined` where it is one. */
export function jurisdictionMistake(text: string): string | undefined {
  if (isJurisdiction(text)) return undefined;
  const expected = `${quote(text)} is not an assigned ISO 3166 code in upper case, such as GB or US-NJ`;
  const hint = hintFor(text);
  return hint === undefined ? expected : `${expected}; ${hint}`;
}

function hintFor(text: string): string | undefined {
  const upper = text.toUpperCase().replace('_', '-');
  if (upper !== text && isJurisdiction(upper)) return `write ${upper}`;
  const fromAlpha3 = iso31661Alpha3ToAlpha2[upper];
  if (fromAlpha3 !== undefined) return named(fromAlpha3);
  const [country = '', subdivision] = upper.split('-');
  if (subdivision !== undefined && COUNTRIES.has(country))
    return `ISO 3166-2 lists no part ${quote(subdivision)} of ${COUNTRIES.get(country)}`;
  if (GROUPS.has(country)) return `${country} is a group of countries: list the countries`;
  const successor = successorOf(country);
  if (successor !== undefined) return `${country} is not assigned; ${named(successor)}`;
  const reserved = RESERVED.get(country);
  return reserved === undefined ? undefined : `${country} is only reserved, for ${reserved}`;
}

function named(country: string): string {
  return `${COUNTRIES.get(country)} is ${country}`;
}

/** The country by which Unicode's CLDR replaces a code that is not assigned, or is not any more: GB for UK. */
function successorOf(region: string): string | undefined {
  if (!/^[A-Z]{2}$/.test(region)) return undefined;
  const { region: canonical } = new Intl.Locale(`und-${region}`);
  return canonical !== undefined && canonical !== region && COUNTRIES.has(canonical) ? canonical : undefined;
}
