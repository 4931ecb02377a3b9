export { costProblem, MAX_RICH_TEXT_LENGTH } from './cost.js';
export { imageProblem } from './image-problem.js';
export { linkProblem, MAX_URL_LENGTH } from './link-problem.js';
export type {
  RichTextBlock,
  RichTextBreak,
  RichTextCode,
  RichTextEmphasis,
  RichTextHeading,
  RichTextImage,
  RichTextInline,
  RichTextLink,
  RichTextList,
  RichTextListItem,
  RichTextNode,
  RichTextParagraph,
  RichTextProblem,
  RichTextStrong,
  RichTextText,
} from './nodes.js';
export { MAX_RICH_TEXT_DEPTH, parseRichText } from './parse-rich-text.js';
export { richTextProblems } from './rich-text-problems.js';
