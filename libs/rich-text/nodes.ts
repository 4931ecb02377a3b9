/**
 * Formatted text as frontends receive it: a tree of plain objects, never HTML, so that nothing in it can run. The first
 * level holds blocks; every node type that can occur is listed here.
 */
export type RichTextNode = RichTextBlock;

/** A block-level node. */
export type RichTextBlock = RichTextParagraph | RichTextHeading | RichTextList;

/** An inline node. */
export type RichTextInline =
  RichTextText | RichTextEmphasis | RichTextStrong | RichTextCode | RichTextLink | RichTextImage | RichTextBreak;

export interface RichTextParagraph {
  type: 'paragraph';
  children: RichTextInline[];
}

export interface RichTextHeading {
  type: 'heading';
  /** Level 1 belongs to the page. */
  level: 2 | 3 | 4;
  children: RichTextInline[];
}

export interface RichTextList {
  type: 'list';
  /** Numbered rather than bulleted. */
  ordered: boolean;
  /** The first number of a numbered list that does not begin at 1. */
  start?: number;
  items: RichTextListItem[];
}

export interface RichTextListItem {
  type: 'item';
  children: RichTextBlock[];
}

export interface RichTextText {
  type: 'text';
  /** Plain characters: `<` is the character, never the beginning of a tag. A line feed is white space, not a break. */
  value: string;
}

export interface RichTextEmphasis {
  type: 'emphasis';
  children: RichTextInline[];
}

export interface RichTextStrong {
  type: 'strong';
  children: RichTextInline[];
}

/** Inline code. */
export interface RichTextCode {
  type: 'code';
  value: string;
}

export interface RichTextLink {
  type: 'link';
  /** `https:` or a relative path; see `linkProblem`. */
  url: string;
  title?: string;
  children: RichTextInline[];
}

export interface RichTextImage {
  type: 'image';
  /** `https:` or a relative path; see `linkProblem`. */
  url: string;
  alt: string;
  title?: string;
}

/** A line break within a paragraph. */
export interface RichTextBreak {
  type: 'break';
}

/** One thing in a text that the subset does not allow. Lines and columns count from 1. */
export interface RichTextProblem {
  line: number;
  column: number;
  /** Stable and machine-readable: `HTML_NOT_ALLOWED`. */
  code: string;
  /** What was found and what is allowed. */
  message: string;
}
