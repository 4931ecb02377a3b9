import {
  ADOPTED_KINDS,
  ADOPTION_MODES,
  BAD_VALUES,
  COLUMN_ENCODINGS,
  FILTER_OPERATORS,
  HTTP_LINKS,
  LINE_BREAKS,
  MIRROR_POLICIES,
  SHORT_CODES,
  TRANSFORM_TYPES,
  VALUE_FORMATS,
} from '@paddock/contracts';
import { enumOf } from '../rules/enum-of.js';

export const AdoptionModeEnum = enumOf(ADOPTION_MODES, 'AdoptionMode', 'Who may change the rows of an adopted table.', {
  OBSERVE: 'The old back office is the master; rows are imported by hand.',
  MIRROR: 'It is still the master; its changes become drafts or releases by themselves.',
  WRITE_BACK: 'Paddock is the master; landed releases change the rows.',
  RETIRED: 'Paddock no longer reads or writes the table.',
});

export const AdoptedKindEnum = enumOf(ADOPTED_KINDS, 'AdoptedKind', 'What rows can become.', {
  promo: 'A row each.',
  component: 'A row each, or name/value rows together.',
  layout: 'Rows together.',
});

export const MirrorPolicyEnum = enumOf(MIRROR_POLICIES, 'MirrorPolicy', 'The result of a mirrored change.', {
  DRAFTS: 'A draft that a person publishes.',
  RELEASES: 'A release that lands at once.',
});

export const FilterOperatorEnum = enumOf(FILTER_OPERATORS, 'FilterOperator', 'How a filter compares.', {
  IN: 'One of the values.',
  NOT_IN: 'Not one of the values; NULL matches.',
  IS_NULL: 'NULL.',
  IS_NOT_NULL: 'Anything but NULL.',
  IS_EMPTY: 'NULL, the empty text, or the number 0.',
  IS_NOT_EMPTY: 'Anything but NULL, the empty text and the number 0.',
});

export const ShortCodesEnum = enumOf(
  SHORT_CODES,
  'ShortCodes',
  'Placeholders that a back office replaces when it renders a page.',
  {
    BRACES: 'In braces: `{{block id="1"}}`, `{module 7}`.',
    BRACKETS: 'In brackets: `[gallery ids="1,2"]`; what stands between an opening and a closing one stays.',
  },
);

export const ValueFormatEnum = enumOf(VALUE_FORMATS, 'ValueFormat', 'How a column holds several values in one text.', {
  JSON: 'JSON.',
  PHP_SERIALIZED: 'The format of PHP’s serialize().',
});

export const ColumnEncodingEnum = enumOf(
  COLUMN_ENCODINGS,
  'ColumnEncoding',
  'The real encoding of the bytes of a column.',
  {
    DECLARED: 'What the column declares.',
    UTF8_IN_LATIN1: 'UTF-8 in a column that declares latin1.',
    LATIN1_IN_UTF8: 'UTF-8 that was read as latin1 on its way into a UTF-8 column.',
  },
);

export const TransformTypeEnum = enumOf(TRANSFORM_TYPES, 'TransformType', 'How a column becomes a field.', {
  TEXT: 'As it is.',
  HTML_TEXT: 'Plain text with character references such as &amp;.',
  HTML: 'Markup, reduced to the safe Markdown subset. Cannot be written back.',
  ESCAPED_HTML:
    'Markup that is stored with character references (&lt;p&gt;), reduced to the safe Markdown subset; written back as markup with references.',
  URL: 'An address, perhaps HTML-escaped.',
  IMAGE: 'A file name below a prefix.',
  KEY: 'Made into a key. Cannot be written back.',
  VALUES: 'By a list of pairs.',
  NUMBER: 'A whole number.',
  PRIORITY: 'Turns a sort order (small first) into a priority (high first).',
  STATUS: 'Whether it is shown at all; the field is `shown`.',
  LOCAL_TIME: 'A date, or date and time, on the clocks of a zone.',
  UNIX_TIME: 'Seconds since 1970.',
});

export const HttpLinksEnum = enumOf(
  HTTP_LINKS,
  'HttpLinks',
  'Treatment of addresses that begin with http:, which promos may not have.',
  {
    UPGRADE: 'It gets https: instead.',
    DROP: 'It is left out, and listed among the removals of a run.',
  },
);

export const LineBreaksEnum = enumOf(LINE_BREAKS, 'LineBreaks', 'Line breaks of a back office, if not line feeds.', {
  CRLF: 'By carriage return and line feed: read as line feeds, and written with both.',
  SPACES: 'Each break is read as a space.',
});

export const BadValuesEnum = enumOf(
  BAD_VALUES,
  'BadValues',
  'Extent of the rejection of a value that does not fit its field. The value is listed among the problems of a run in both cases.',
  {
    LEAVE_OUT_VALUE: 'Itself alone.',
    REFUSE_ROW: 'The whole row.',
  },
);
