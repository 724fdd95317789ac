// From computed styles to colours, gradients and outlines that SVG and a canvas both know.

const NUMBER = /-?[\d.]+(?:e-?\d+)?/g;

// From Oklab to the channels of sRGB, 0 to 1: https://bottosson.github.io/posts/oklab
const fromOklab = (lightness, a, b) => {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ].map((light) => (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055));
};

// By what a computed colour begins with: its channels, 0 to 1.
const NOTATIONS = {
  "rgb": (...channels) => channels.map((channel) => channel / 255),
  "color(srgb": (...channels) => channels,
  "oklab(": fromOklab,
};

// "#rrggbb" and how opaque it is; null where nothing is to be seen.
export const colourOf = (text) => {
  const notation = Object.keys(NOTATIONS).find((begin) => text?.startsWith(begin));
  if (!notation) return null;
  const [first, second, third, alpha = 1] = text.match(NUMBER).map(Number);
  const channels = NOTATIONS[notation](first, second, third).map((channel) =>
    Math.round(255 * Math.min(1, Math.max(0, channel))),
  );
  const hex = channels.map((channel) => channel.toString(16).padStart(2, "0")).join("");
  return alpha ? { colour: `#${hex}`, alpha } : null;
};

// The parts of a list that are not inside brackets.
export const split = (text, at = ",") => {
  const parts = [""];
  let depth = 0;
  for (const character of text) {
    depth += (character === "(") - (character === ")");
    if (character === at && !depth) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter(Boolean);
};

// A length in pixels: `50%`, `3px` or `calc(50% - 1px)` of `whole`.
const lengthOf = (text, whole) => {
  let sum = 0;
  for (const [, sign, number, unit] of text.matchAll(/([+-]?)\s*([\d.]+)(%|px)/g))
    sum += (sign === "-" ? -1 : 1) * Number(number) * (unit === "%" ? whole / 100 : 1);
  return sum;
};

const SIDES = { "to right": 90, "to top": 0, "to left": 270, "to bottom": 180 };
const CORNERS = { "to top right": 45, "to bottom right": 135 }; // of squares

// A `linear-gradient` over a box as a line and its stops, `[share, colour]`.
const gradientOf = (text, box) => {
  const repeats = text.startsWith("repeating");
  const parts = split(text.slice(text.indexOf("(") + 1, -1));
  let degrees = 180;
  if (/^to |deg$/.test(parts[0])) {
    const words = parts.shift();
    degrees = SIDES[words] ?? CORNERS[words] ?? parseFloat(words);
  }
  const angle = (degrees * Math.PI) / 180;
  const [dx, dy] = [Math.sin(angle), -Math.cos(angle)];
  const length = Math.abs(box.width * dx) + Math.abs(box.height * dy);
  let stops = parts.flatMap((part, index) => {
    const [colour, ...places] = split(part, " ");
    if (!places.length) return [[index / (parts.length - 1), colour]];
    return places.map((place) => [lengthOf(place, length) / length, colour]);
  });
  const period = stops.at(-1)[0];
  if (repeats && period > 0) {
    const times = Math.ceil(1 / period);
    stops = Array.from({ length: times }, (_, time) =>
      stops.map(([share, colour]) => [share + time * period, colour]),
    ).flat();
  }
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const [across, up] = [(dx * length) / 2, (dy * length) / 2];
  return {
    line: [x - across, y - up, x + across, y + up],
    stops: stops.map(([share, colour]) => [
      Math.min(1, Math.max(0, share)),
      colourOf(colour) ?? { colour: "#000000", alpha: 0 },
    ]),
  };
};

const isOneColour = ({ stops }) =>
  stops.every(([, { colour, alpha }]) => colour === stops[0][1].colour && alpha === stops[0][1].alpha);

// What is painted behind an element: boxes with a fill each, the lowest first.
export const backgroundsOf = (style, box) => {
  const found = [];
  const ground = colourOf(style.backgroundColor);
  if (ground) found.push({ box, fill: ground });
  const images = split(style.backgroundImage.replaceAll(/currentcolor/gi, style.color));
  for (let index = images.length - 1; index >= 0; index -= 1) {
    if (!images[index].includes("linear-gradient(")) continue;
    const of = (list) => split(list)[index] ?? split(list)[0];
    const [wide, high = "auto"] = split(of(style.backgroundSize), " ");
    const width = wide === "auto" ? box.width : lengthOf(wide, box.width);
    const height = high === "auto" ? box.height : lengthOf(high, box.height);
    const [left, top] = split(of(style.backgroundPosition), " ");
    const x = box.x + lengthOf(left, box.width - width);
    const y = box.y + lengthOf(top, box.height - height);
    if (!(width > 0 && height > 0)) continue;
    const place = { x, y, width, height };
    const gradient = gradientOf(images[index], place);
    found.push({ box: place, fill: isOneColour(gradient) ? gradient.stops[0][1] : gradient });
  }
  return found.filter(({ fill }) => fill.stops || fill.alpha);
};

// A box as a path, with the radii of its corners from the upper left one on.
export const outlineOf = ({ x, y, width, height }, radii = [0, 0, 0, 0]) => {
  const most = Math.min(width, height) / 2;
  const [a, b, c, d] = radii.map((radius) => Math.max(0, Math.min(radius, most)));
  if (!(a || b || c || d))
    return `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;
  const arc = (radius, dx, dy) => (radius ? `a${radius} ${radius} 0 0 1 ${dx} ${dy}` : "");
  return (
    `M${round(x + a)} ${round(y)}H${round(x + width - b)}${arc(b, b, b)}V${round(y + height - c)}` +
    `${arc(c, -c, c)}H${round(x + d)}${arc(d, -d, -d)}V${round(y + a)}${arc(a, a, -a)}z`
  );
};

export const circleOf = (x, y, radius) => {
  const half = (way) => `a${round(radius)} ${round(radius)} 0 0 1 ${round(2 * way * radius)} 0`;
  return `M${round(x - radius)} ${round(y)}${half(1)}${half(-1)}z`;
};

export const round = (number) => Math.round(100 * number) / 100;

const CORNER_NAMES = ["TopLeft", "TopRight", "BottomRight", "BottomLeft"];
export const radiiOf = (style, box) =>
  CORNER_NAMES.map((corner) => lengthOf(style[`border${corner}Radius`].split(" ")[0], box.width));

// The corners of a `polygon(...)`, a path over a box; null for any other shape.
export const polygonOf = (text, box) => {
  const corners = text.match(/^polygon\((.*)\)$/)?.[1];
  if (!corners) return null;
  const points = split(corners).map((corner) => {
    const [x, y] = split(corner, " ");
    return `${round(box.x + lengthOf(x, box.width))} ${round(box.y + lengthOf(y, box.height))}`;
  });
  return `M${points.join("L")}z`;
};
