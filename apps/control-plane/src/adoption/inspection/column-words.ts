/** What a column seems to be for. */
export type Role =
  | 'TITLE'
  | 'URL'
  | 'IMAGE'
  | 'MARKUP'
  | 'GROUP'
  | 'SORT'
  | 'STATUS'
  | 'FROM'
  | 'TO'
  | 'NAME'
  | 'VALUE'
  | 'PAGE'
  | 'LANGUAGE'
  | 'DESCRIPTION';

const list = (words: string): readonly string[] => words.split(' ');

/**
 * Words of column names that speak for a role, the plainest first; after the English ones those of back offices that were
 * written in Spanish, Portuguese, French, German, Italian, Dutch, Polish, Turkish and Indonesian, without their accents.
 */
export const WORDS: Readonly<Record<Role, readonly string[]>> = {
  TITLE: list(
    'title headline heading header caption subject name label titulo titre titel titolo tytul baslik judul ueberschrift nombre nom nome nama naam nazwa',
  ),
  URL: list('url link href target destination uri enlace lien verweis collegamento koppeling odnosnik baglanti tautan'),
  IMAGE: list(
    'image img picture photo cover pic thumbnail thumb banner file filename src icon logo imagen imagem bild immagine afbeelding obraz obrazek resim gambar foto fichero fichier datei',
  ),
  MARKUP: list(
    'html text content body bodytext copy markup description message texto texte testo tekst tresc metin contenido conteudo contenu inhalt descripcion descricao beschreibung descrizione omschrijving opis aciklama deskripsi',
  ),
  GROUP: list(
    'group position zone slot location area placement section region place column posicion posicao posizione posisi grupo groupe gruppe gruppo zona ubicacion emplacement platz bereich',
  ),
  SORT: list(
    'sort order ordering sorting sequence seq rank weight priority sortorder position pos orden ordem ordre reihenfolge sortierung ordine volgorde kolejnosc sira urutan',
  ),
  STATUS: list(
    'status active enabled visible published live online show shown state isactive activo ativo actif aktiv attivo actief aktywny aktif estado stato publicado publie',
  ),
  FROM: list(
    'start starts from begin begins scheduled schedule available publish publishfrom startdate valid inicio inizio debut beginn anfang von desde mulai',
  ),
  TO: list(
    'end ends expire expires expired expiry until to stop expiration enddate validto down fin fim fine ende bis hasta ate selesai',
  ),
  NAME: list(
    'key name code setting option param parameter variable path identifier clave chave cle schluessel nombre nome nom',
  ),
  VALUE: list('value val setting data valor valeur wert valore waarde wartosc'),
  PAGE: list('page template theme view layout screen route pagina seite'),
  LANGUAGE: list('language languages lang locale langcode idioma langue sprache lingua taal'),
  DESCRIPTION: list('description comment help note info descripcion descricao beschreibung descrizione deskripsi'),
};

/** Words that name the type of a column, not its purpose. */
const FILLERS = new Set(list('is has the date at on no num id fecha data datum tanggal'));

/** What people write together: `clickurl`, `imgpath`, `startdate`. */
const COMPOUND =
  /^(image|img|pic|picture|photo|file|banner|logo|click|target|link|start|end|sort)(url|uri|href|path|link|src|date|time|order)$/;

/** Letters that Unicode does not take for another one with an accent. */
const UNDECOMPOSED: Readonly<Record<string, string>> = { ß: 'ss', ł: 'l', ı: 'i', ø: 'o' };

/** The words of a name: `bannerImageUrl`, `banner_image_url` and `Banner imageurl` have the same. */
export function splitName(name: string): string[] {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[ßłıø]/g, (letter) => UNDECOMPOSED[letter] ?? letter);
  const words = plain
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  return words.flatMap((word) => COMPOUND.exec(word)?.slice(1) ?? [word]);
}

/** The words of a column's name, without those of its table's name: `banners_html_text` in `banners` → html, text. */
export function wordsOf(column: string, table: string): string[] {
  const ofTable = new Set(splitName(table).flatMap((word) => [word, word.replace(/s$/, '')]));
  // A number at the end counts columns of a kind: the first is the one that counts.
  const every = splitName(column).map((word) => word.replace(/(?<=\D)1$/, ''));
  const telling = every.filter((word) => !FILLERS.has(word));
  // A column whose whole name is `data` is not a date.
  const words = telling.length > 0 ? telling : every;
  const own = words.filter((word) => !ofTable.has(word) && !ofTable.has(word.replace(/s$/, '')));
  return own.length > 0 ? own : words;
}
