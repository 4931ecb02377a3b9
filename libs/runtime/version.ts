/** The version of Paddock that this process runs: that of its package.json, which a bundle does not carry. */
export const VERSION = '0.1.0';
