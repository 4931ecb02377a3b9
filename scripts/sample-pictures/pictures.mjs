/**
 * Flat shapes in few colours: such pictures take few bytes. Points are (x, y) with x from 0 to 2.4 and y from 0 to 1.
 * @type {Record<string, { palette: readonly string[], colourAt: (x: number, y: number) => number }>}
 */
export const PICTURES = {
  // A stadium under a summer sky.
  'summer-festival': {
    palette: ['8ecae6', 'a9d6e5', 'c7e3ee', 'ffb703', 'fb8500', '2a9d53', '35b566', 'ffffff', '264653', '335c6e'],
    colourAt: (x, y) => {
      if (y > 0.78) return pitch(x, y);
      if (inEllipse(x, y, 1.2, 0.86, 1.05, 0.36) && y > 0.62) return Math.floor(x * 12) % 2 === 0 ? 8 : 9;
      if (inEllipse(x, y, 1.2, 0.86, 1.15, 0.42)) return 9;
      if (isFloodlight(x, y)) return 7;
      if (inEllipse(x, y, 1.95, 0.24, 0.13, 0.13)) return 3;
      if (inEllipse(x, y, 1.95, 0.24, 0.16, 0.16)) return 4;
      return Math.min(2, Math.floor(y * 4));
    },
  },
  // Three rising bars under an arrow.
  'price-boost-saturday': {
    palette: ['14213d', '1d3056', 'fca311', 'e5e5e5', 'ffffff'],
    colourAt: (x, y) => {
      for (const bar of [0, 1, 2]) {
        const left = 0.55 + bar * 0.48;
        if (x > left && x < left + 0.3 && y < 0.85 && y > 0.65 - bar * 0.2) return bar === 2 ? 2 : 3;
      }
      if (y > 0.85 && y < 0.87) return 4;
      return (x + y) % 0.4 < 0.2 ? 0 : 1;
    },
  },
  // Cards that are put together on a phone.
  'app-only-preview': {
    palette: ['3a0ca3', '4361ee', 'f72585', 'ffffff', '4cc9f0', '240a6b'],
    colourAt: (x, y) => {
      if (inBox(x, y, 1.0, 0.12, 0.4, 0.76)) {
        if (!inBox(x, y, 1.03, 0.17, 0.34, 0.66)) return 5;
        const card = Math.floor((y - 0.17) / 0.22);
        return (y - 0.17) % 0.22 < 0.17 && inBox(x, y, 1.06, 0.17, 0.28, 0.66) ? ([4, 2, 1][card] ?? 3) : 3;
      }
      return Math.hypot(x - 1.2, y - 0.5) % 0.3 < 0.15 ? 0 : 1;
    },
  },
  // Bunting over a green field.
  welcome: {
    palette: ['fefae0', 'faedcd', '588157', '3a5a40', 'bc4749', '386fa4', 'f2c14e'],
    colourAt: (x, y) => {
      const flag = Math.floor(x / 0.24);
      const across = Math.abs((x % 0.24) - 0.12);
      const top = 0.12 + 0.1 * Math.sin((Math.PI * x) / 2.4);
      if (Math.abs(y - top) < 0.008) return 3;
      if (y > top && y < top + 0.26 * (1 - across / 0.1)) return 4 + (flag % 3);
      if (y > 0.72 + 0.05 * Math.sin(x * 3)) return Math.floor(x * 6) % 2 === 0 ? 2 : 3;
      return y > 0.5 ? 1 : 0;
    },
  },
};

function pitch(/** @type {number} */ x, /** @type {number} */ y) {
  if (Math.abs(Math.hypot((x - 1.2) / 0.35, (y - 0.92) / 0.09) - 1) < 0.05 || Math.abs(x - 1.2) < 0.008) return 7;
  return Math.floor(x * 5) % 2 === 0 ? 5 : 6;
}

function isFloodlight(/** @type {number} */ x, /** @type {number} */ y) {
  return [0.28, 2.12].some((at) => (Math.abs(x - at) < 0.01 && y > 0.3) || inBox(x, y, at - 0.07, 0.24, 0.14, 0.07));
}

/** @type {(x: number, y: number, centreX: number, centreY: number, radiusX: number, radiusY: number) => boolean} */
const inEllipse = (x, y, centreX, centreY, radiusX, radiusY) =>
  ((x - centreX) / radiusX) ** 2 + ((y - centreY) / radiusY) ** 2 < 1;

/** @type {(x: number, y: number, left: number, top: number, width: number, height: number) => boolean} */
const inBox = (x, y, left, top, width, height) => x > left && x < left + width && y > top && y < top + height;
